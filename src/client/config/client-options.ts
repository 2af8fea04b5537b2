import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { KafkaError } from '../errors/kafka-error.ts';
import type { OpenTransport } from '../net/transport.ts';
import { requireBoolean, requireChoice, requireWhole } from './option-names.ts';
import { checkSasl, type SaslOptions } from './sasl-options.ts';

/** What all clients have in common. The names are Kafka's in camelCase. */
export interface ClientOptions {
  /**
   * `host:port`, several with commas or as a list. An IPv6 host stands in brackets. Or URLs of
   * gateways, `wss://host/ws`, the only ones for browsers.
   */
  readonly bootstrapServers: string | readonly string[];
  /** The name in logs, quotas and metrics of the broker; `millrace` by default. */
  readonly clientId?: string;
  /** For how long an answer may be missing; the connection is given up then. */
  readonly requestTimeoutMs?: number;
  /** How long a connection may take to open, TLS and SASL included; 10,000. */
  readonly socketConnectionSetupTimeoutMs?: number;
  /** The first pause before a broker is tried again; 50. It doubles each time. */
  readonly reconnectBackoffMs?: number;
  /** The longest such pause, give or take a fifth; 1,000. */
  readonly reconnectBackoffMaxMs?: number;
  /** The first pause before a request is sent again; 100. It doubles each time. */
  readonly retryBackoffMs?: number;
  /** The longest such pause; 1,000. */
  readonly retryBackoffMaxMs?: number;
  /** Topics and brokers are asked about again after so long; 300,000. */
  readonly metadataMaxAgeMs?: number;
  /** `rebootstrap` starts over at the bootstrap servers once no known broker answers (KIP-899). */
  readonly metadataRecoveryStrategy?: 'rebootstrap' | 'none';
  /** Starts over after so long without an answer about metadata (KIP-1102); 300,000. */
  readonly metadataRecoveryRebootstrapTriggerMs?: number;
  /** A connection that nobody uses is closed after so long; 540,000. */
  readonly connectionsMaxIdleMs?: number;
  /** TLS: true for the system's authorities, or what `node:tls` takes (`ca`, `cert`, `key`, …). */
  readonly ssl?: boolean | TlsOptions;
  /** How to authenticate; null, the default, does without. */
  readonly sasl?: SaslOptions | null;
  /** Where this client is (`broker.rack`): consumers read the nearest replica. */
  readonly clientRack?: string;
  /** How to reach a broker; by default as `bootstrapServers` and `ssl` say. */
  readonly transport?: OpenTransport | null;
  /** Over how many windows rates and averages are taken, and how long each is. */
  readonly metricsNumSamples?: number;
  /** The length of one window; 30,000. */
  readonly metricsSampleWindowMs?: number;
  /** Whether metrics go to brokers that ask for them (KIP-714). */
  readonly enableMetricsPush?: boolean;
  /** Called for what goes wrong where nobody waits for it. */
  readonly onError?: (error: KafkaError) => void;
}

/** The options with nothing left open. */
export type ClientSettings = Required<ClientOptions>;

const NOTHING_GIVEN = '';

export const CLIENT_DEFAULTS: ClientSettings = {
  bootstrapServers: NOTHING_GIVEN,
  clientId: 'millrace',
  requestTimeoutMs: 30_000,
  socketConnectionSetupTimeoutMs: 10_000,
  reconnectBackoffMs: 50,
  reconnectBackoffMaxMs: 1_000,
  retryBackoffMs: 100,
  retryBackoffMaxMs: 1_000,
  metadataMaxAgeMs: 300_000,
  metadataRecoveryStrategy: 'rebootstrap',
  metadataRecoveryRebootstrapTriggerMs: 300_000,
  connectionsMaxIdleMs: 540_000,
  ssl: false,
  sasl: null,
  clientRack: '',
  transport: null,
  metricsNumSamples: 2,
  metricsSampleWindowMs: 30_000,
  enableMetricsPush: true,
  onError: reportWarning,
};

/** Of one client's settings those that every other client takes too. */
export function clientSettingsOf(settings: ClientSettings): ClientSettings {
  const names = Object.keys(CLIENT_DEFAULTS) as (keyof ClientSettings)[];
  return Object.fromEntries(names.map((name) => [name, settings[name]])) as never;
}

/** Never an exception: the process lives on, and the operator reads it on stderr. */
function reportWarning(error: KafkaError): void {
  process.emitWarning(error.message, { type: 'KafkaWarning', code: error.code });
}

const INT_MAX = 2 ** 31 - 1;
const DURATIONS = [
  'requestTimeoutMs',
  'socketConnectionSetupTimeoutMs',
  'reconnectBackoffMs',
  'reconnectBackoffMaxMs',
  'retryBackoffMs',
  'retryBackoffMaxMs',
  'metadataMaxAgeMs',
  'metadataRecoveryRebootstrapTriggerMs',
  'connectionsMaxIdleMs',
] as const;

export function checkClientSettings(settings: ClientSettings): void {
  for (const name of DURATIONS) requireWhole(name, settings[name], 0, INT_MAX);
  requireBoolean('enableMetricsPush', settings.enableMetricsPush);
  const { metadataRecoveryStrategy } = settings;
  requireChoice('metadataRecoveryStrategy', metadataRecoveryStrategy, ['rebootstrap', 'none']);
  if (settings.sasl !== null) checkSasl(settings.sasl);
  requireWhole('metricsNumSamples', settings.metricsNumSamples, 1, INT_MAX);
  requireWhole('metricsSampleWindowMs', settings.metricsSampleWindowMs, 1, INT_MAX);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { addressText } from '../gateway/gateway.ts';
import { Broker } from './broker.ts';
import { type ConfigObject, loadConfig } from './config.ts';
import { EmbeddedSecurity, type EmbeddedSecurityOptions } from './embedded-security.ts';

/** How to start a broker in this process. Nothing of it is needed. */
export interface StartBrokerOptions {
  /** Properties by Kafka's names. They replace the defaults for an embedded broker. */
  readonly config?: ConfigObject;
  /** Where the data is, also after the close. The default is a temporary directory. */
  readonly dataDir?: string;
  /** The Kafka port on the loopback address. The default, 0, takes a free one. */
  readonly port?: number;
  /** Secures the listener with throw-away certificates, and with users and rights if asked to. */
  readonly security?: EmbeddedSecurityOptions;
  /** Takes the broker's log lines. By default there are none. */
  readonly logger?: Logger;
}

/** What a topic has besides its name. */
export interface TopicOptions {
  /** How many; by default `num.partitions` of the broker. */
  readonly partitions?: number;
  /** Configs of the topic under Kafka's names, such as `retention.ms`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A broker in this process. `await using broker = await startBroker()` closes it at the end. */
export class EmbeddedBroker {
  readonly #broker: Broker;
  readonly #temporary: string | null;
  readonly #security: EmbeddedSecurity | null;

  /** @internal */
  constructor(broker: Broker, temporary: string | null, security: EmbeddedSecurity | null = null) {
    this.#broker = broker;
    this.#temporary = temporary;
    this.#security = security;
    security?.listensOn(broker.bootstrapServers);
  }

  /** The certificates and client settings of a broker that was started with `security`. */
  get security(): EmbeddedSecurity {
    if (this.#security !== null) return this.#security;
    const message = 'this broker is not secured: give startBroker the option security';
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
  }

  /** What Kafka clients take as bootstrap.servers. */
  get bootstrapServers(): string {
    return this.#broker.bootstrapServers;
  }

  /** The Kafka port, also where the system chose it. */
  get port(): number {
    return this.#broker.kafkaPort;
  }

  /** Where clients reach a listener, by its name in `listeners`: `127.0.0.1:52314`. */
  addressOf(listener: string): string {
    const { listeners } = this.#broker.front.kafka;
    const found = listeners.find(({ name }) => name === listener.toUpperCase());
    if (found !== undefined) return addressText(found.host, found.port);
    const names = listeners.map(({ name }) => name).join(', ');
    throw new MillraceError(
      'MILLRACE_BAD_ARGUMENT',
      `there is no listener ${listener}; there are ${names}`,
    );
  }

  /** '' when `millrace.http.listener` is switched off. */
  get httpUrl(): string {
    const address = this.#broker.httpAddress;
    const scheme = this.#broker.front.settings.http?.isSecure ? 'https' : 'http';
    return address === '' ? '' : `${scheme}://${address}`;
  }

  /** The folder of the logs. A temporary one is removed by `close`. */
  get dataDir(): string {
    return this.#broker.logDirs.path;
  }

  /** Resolves when records can be appended to the topic. */
  async createTopic(name: string, options: TopicOptions = {}): Promise<void> {
    const { changes, directory } = this.#broker.front;
    const configs = Object.entries(options.config ?? {}).map(([key, value]) => {
      return { name: key, value };
    });
    const topic = { name, partitions: options.partitions ?? 1, replicationFactor: 1, configs };
    const [outcome] = await changes.createTopics([topic], false);
    const refused = outcome?.refused ?? null;
    if (refused !== null) {
      throw new MillraceError('MILLRACE_REQUEST_FAILED', `topic ${name}: ${refused.message}`);
    }
    await directory.settled();
  }

  /** Stops the broker and removes a temporary directory. */
  async close(): Promise<void> {
    await this.#broker.close();
    if (this.#temporary !== null) await rm(this.#temporary, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What differs from `millrace serve`. Tests must not wait for other members of a group. */
const EMBEDDED_DEFAULTS: ConfigObject = {
  'millrace.http.listener': '127.0.0.1:0',
  'group.initial.rebalance.delay.ms': 0,
  'group.streams.initial.rebalance.delay.ms': 0,
};

/** Starts a broker in this process and resolves once clients can connect. */
export async function startBroker(options: StartBrokerOptions = {}): Promise<EmbeddedBroker> {
  const temporary =
    options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'millrace-')) : null;
  try {
    const security = options.security === undefined ? null : new EmbeddedSecurity(options.security);
    const port = options.port ?? 0;
    const loaded = loadConfig({
      config: {
        ...EMBEDDED_DEFAULTS,
        ...(security?.configOf(port) ?? { listeners: `PLAINTEXT://127.0.0.1:${port}` }),
        'log.dirs': options.dataDir ?? temporary!,
        ...options.config,
      },
    });
    if (loaded.settings.cluster !== null) {
      const message =
        'process.roles: startBroker starts brokers that decide alone, millrace serve others too';
      throw new MillraceError('MILLRACE_BAD_CONFIG', message);
    }
    const broker = await Broker.start({
      loaded,
      isTemporary: temporary !== null,
      logger: options.logger ?? silentLogger,
      // Nobody awaits this. An uncaught exception ends the process and prints the reason.
      onFatal: (error) =>
        setImmediate(() => {
          throw error;
        }),
    });
    return new EmbeddedBroker(broker, temporary, security);
  } catch (thrown) {
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
    throw thrown;
  }
}

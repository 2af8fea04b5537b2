import { API } from '../../protocol/api-keys.ts';
import { apiName } from '../../protocol/api-registry.ts';
import type { BrokerAddress } from '../broker-address.ts';
import { CLIENT_DEFAULTS, type ClientSettings } from '../config/client-options.ts';
import { openTcp, tlsOpener } from '../net/tcp-transport.ts';
import type { OpenTransport } from '../net/transport.ts';
import { KafkaJSConnectionError, KafkaJSNonRetriableError } from './errors.ts';
import type { Instrumentation } from './events.ts';
import { saslOptions } from './sasl.ts';
import type { KafkaConfig, Logger } from './types.ts';
import { socketTransport, type TransportWatcher, watchedTransport } from './watched-transport.ts';

const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 30_000;
const AUTHENTICATION_TIMEOUT_MS = 10_000;
/** What KafkaJS calls itself where it is given no name. */
const CLIENT_ID = 'kafkajs';

export interface NetworkEvents {
  readonly REQUEST: string;
  readonly REQUEST_TIMEOUT: string;
  readonly REQUEST_QUEUE_SIZE: string;
}

/** Told of fetches beside the events of the network, with the broker that was asked. */
export interface FetchWatcher {
  onFetchStart(address: BrokerAddress): void;
  onFetch(address: BrokerAddress, duration: number): void;
}

/** The brokers as a list, asked for anew where they are a function. */
async function brokerList(brokers: KafkaConfig['brokers']): Promise<string[]> {
  let list: unknown = brokers;
  if (typeof brokers === 'function') {
    try {
      list = await brokers();
    } catch (thrown) {
      const { message } = thrown as Error;
      throw new KafkaJSConnectionError(`Failed to connect: "config.brokers" threw: ${message}`);
    }
  }
  const what = 'Failed to connect:';
  if (list === undefined || list === null) {
    throw new KafkaJSNonRetriableError(`${what} expected brokers array and got nothing`);
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw new KafkaJSNonRetriableError(`${what} brokers array is empty`);
  }
  const isWrong = list.some((each) => typeof each !== 'string' || each === '');
  if (isWrong) throw new KafkaJSNonRetriableError(`${what} brokers must be non-empty strings`);
  return list as string[];
}

/** The client's settings for a configuration of KafkaJS, made for each connection to a cluster. */
export async function clientSettings(
  config: KafkaConfig,
  options: {
    readonly logger: Logger;
    readonly instrumentation: Instrumentation;
    readonly events: NetworkEvents;
    readonly metadataMaxAge: number;
    readonly fetches?: FetchWatcher;
  },
): Promise<ClientSettings> {
  const { clientId = CLIENT_ID, requestTimeout, connectionTimeout } = config;
  const connectMs = connectionTimeout ?? CONNECTION_TIMEOUT_MS;
  const authenticationMs = config.authenticationTimeout ?? AUTHENTICATION_TIMEOUT_MS;
  const { logger, instrumentation, events } = options;
  const watcher = networkWatcher(instrumentation, events, options.fetches);
  const transport = watchedTransport(opener(config), { clientId, connectMs, watcher });
  return {
    ...CLIENT_DEFAULTS,
    bootstrapServers: await brokerList(config.brokers),
    clientId,
    requestTimeoutMs: requestTimeout ?? REQUEST_TIMEOUT_MS,
    socketConnectionSetupTimeoutMs: connectMs + authenticationMs,
    metadataMaxAgeMs: options.metadataMaxAge,
    sasl: saslOptions(config.sasl, logger),
    transport,
    enableMetricsPush: false,
    onError: ({ message, code }) => logger.error(message, { code }),
  };
}

function opener({ ssl, socketFactory }: KafkaConfig): OpenTransport {
  const tls = ssl === true ? {} : ssl === false ? undefined : ssl;
  if (socketFactory !== undefined) {
    return ({ host, port }, events) =>
      socketTransport((onConnect) => socketFactory({ host, port, ssl: tls, onConnect }), events);
  }
  return tls === undefined ? openTcp : tlsOpener(tls);
}

function networkWatcher(
  instrumentation: Instrumentation,
  events: NetworkEvents,
  fetches: FetchWatcher | undefined,
): TransportWatcher {
  return {
    onSent: (address, apiKey) => {
      if (apiKey === API.FETCH) fetches?.onFetchStart(address);
    },
    onAnswered: (address, request) => {
      if (request.apiKey === API.FETCH) fetches?.onFetch(address, request.duration);
      if (!instrumentation.listensFor(events.REQUEST)) return;
      const { sentAt } = request;
      const more = { apiName: apiName(request.apiKey), createdAt: sentAt, pendingDuration: 0 };
      instrumentation.emit(events.REQUEST, { ...request, ...more });
    },
    onUnanswered: (_address, { size: _size, duration: pendingDuration, ...request }) => {
      if (!instrumentation.listensFor(events.REQUEST_TIMEOUT)) return;
      const more = { apiName: apiName(request.apiKey), createdAt: request.sentAt };
      instrumentation.emit(events.REQUEST_TIMEOUT, { ...request, ...more, pendingDuration });
    },
    onQueueSize: (broker, clientId, queueSize) => {
      if (!instrumentation.listensFor(events.REQUEST_QUEUE_SIZE)) return;
      instrumentation.emit(events.REQUEST_QUEUE_SIZE, { broker, clientId, queueSize });
    },
  };
}

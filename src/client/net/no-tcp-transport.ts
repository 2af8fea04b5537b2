/** The twin of `tcp-transport` for browsers, which have no TCP. */
import { KafkaError } from '../errors/kafka-error.ts';
import type { OpenTransport } from './transport.ts';

export function tcpOpener(_ssl: unknown): OpenTransport {
  const what = 'a browser reaches brokers by bootstrapServers with ws:// or wss://, or a transport';
  throw new KafkaError('BAD_ARGUMENT', what);
}

import { reasonOf, systemCodeOf } from '../../base/errors.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'timed out',
};

/** Another attempt does not help where a certificate is refused. */
const CERTIFICATE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

export function connectionError(what: string, cause: unknown = null): KafkaError {
  if (cause === null) return new KafkaError('NETWORK_EXCEPTION', what);
  const code = systemCodeOf(cause);
  const message = `${what}: ${REASONS[code] ?? reasonOf(cause)}`;
  const category = CERTIFICATE.test(code) ? ({ category: 'invalid-configuration' } as const) : {};
  return new KafkaError('NETWORK_EXCEPTION', message, { cause, ...category });
}

/**
 * Of bytes that fit no request. What has answered the handshake is a broker, so they damage this
 * connection only; another one may be in order.
 */
export function answerMismatch(thrown: unknown, isBroker: boolean): KafkaError {
  const error = toKafkaError(thrown, 'MALFORMED_ANSWER');
  if (!isBroker) return error;
  const { code, message } = error;
  return new KafkaError(code, message, { category: 'refresh-retriable', cause: thrown });
}

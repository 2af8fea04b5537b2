import { reasonOf } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { ApiVersionsResponse } from '../../protocol/schema/18-api-versions.ts';
import type { SaslOptions } from '../config/sasl-options.ts';
import { answerError, KafkaError, throwAnswerError, toKafkaError } from '../errors/kafka-error.ts';
import type { Connection } from './connection.ts';
import type { NetworkObserver } from './network-observer.ts';
import { saslExchange } from './sasl/sasl-exchange.ts';

const SOFTWARE = { clientSoftwareName: 'millrace', clientSoftwareVersion: '1' };
const NEWEST_API_VERSIONS = 4;
/** What older brokers answer to a version of ApiVersions that they do not know. */
const FALLBACK_VERSION = 0;
const HANDSHAKE_VERSION = 1;
const ERROR_AT = 4;
const HANDSHAKE = { isHandshake: true } as const;

/** Learns which versions the broker serves. */
export async function negotiate(connection: Connection): Promise<ApiVersionsResponse> {
  let version = NEWEST_API_VERSIONS;
  let frame = await connection.exchange(API.API_VERSIONS, version, SOFTWARE, HANDSHAKE);
  if (frame.length > ERROR_AT + 2 && frame.readInt16BE(ERROR_AT) === ERROR.UNSUPPORTED_VERSION) {
    version = FALLBACK_VERSION;
    frame = await connection.exchange(API.API_VERSIONS, version, SOFTWARE, HANDSHAKE);
  }
  const answer = connection.decode(API.API_VERSIONS, version, frame);
  throwAnswerError(answer.errorCode, null, `ApiVersions of the broker at ${connection.name}`);
  return answer;
}

/** Proves who the client is. Returns for how long the session lasts, 0 for ever. */
export async function authenticate(
  connection: Connection,
  sasl: SaslOptions,
  observer: NetworkObserver,
  isAgain: boolean,
): Promise<number> {
  const startMs = performance.now();
  try {
    const lifetimeMs = await prove(connection, sasl);
    observer.onAuthenticated(isAgain, performance.now() - startMs);
    return lifetimeMs;
  } catch (thrown) {
    // A connection that was lost meanwhile says nothing of the proof.
    if (!toKafkaError(thrown).retriable) observer.onRefused(isAgain);
    throw thrown;
  }
}

async function prove(connection: Connection, sasl: SaslOptions): Promise<number> {
  const subject = `the broker at ${connection.name}`;
  const { mechanism } = sasl;
  const shakeFrame = await connection.exchange(
    API.SASL_HANDSHAKE,
    HANDSHAKE_VERSION,
    { mechanism },
    HANDSHAKE,
  );
  const shake = connection.decode(API.SASL_HANDSHAKE, HANDSHAKE_VERSION, shakeFrame);
  if (shake.errorCode !== ERROR.NONE) {
    const offered = `${mechanism} is not among its mechanisms ${shake.mechanisms.join(', ')}`;
    throw answerError(shake.errorCode, offered, subject);
  }
  const version = connection.versionOf(API.SASL_AUTHENTICATE);
  const exchange = saslExchange(sasl, connection.address);
  let lifetimeMs = 0;
  let step = await nextStep(exchange.next(), mechanism);
  while (step.done !== true) {
    const body = { authBytes: step.value };
    const frame = await connection.exchange(API.SASL_AUTHENTICATE, version, body, HANDSHAKE);
    const answer = connection.decode(API.SASL_AUTHENTICATE, version, frame);
    throwAnswerError(answer.errorCode, answer.errorMessage, subject);
    lifetimeMs = answer.sessionLifetimeMs;
    step = await nextStep(exchange.next(answer.authBytes), mechanism);
  }
  return lifetimeMs;
}

/** A callback that has no token now may have one later: the identity provider may be down. */
async function nextStep<Step>(step: Promise<Step>, mechanism: string): Promise<Step> {
  try {
    return await step;
  } catch (thrown) {
    if (thrown instanceof KafkaError) throw thrown;
    const text = `${mechanism}: the client has nothing to authenticate with: ${reasonOf(thrown)}`;
    const details = { cause: thrown, category: 'retriable' } as const;
    throw new KafkaError('SASL_AUTHENTICATION_FAILED', text, details);
  }
}

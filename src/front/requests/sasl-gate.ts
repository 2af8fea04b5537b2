import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { apiName, findCodec } from '../../protocol/api-registry.ts';
import type { RequestHeader } from '../../protocol/header.ts';
import type { SaslSession } from '../../security/sasl/sasl-session.ts';
import type { Call } from '../net/call.ts';
import type { Connection } from '../net/connection.ts';
import type { Auditing } from './auditing.ts';
import { refusedLater } from './sasl-refusal.ts';

/** What may be done with a request, as far as its client has authenticated. */
export type SaslVerdict = 'serve' | 'end' | 'answer-out-of-order';

/** Before a client is authenticated only the requests that serve this end are looked at. */
export function saslVerdict(
  connection: Connection,
  sasl: SaslSession,
  { apiKey, apiVersion }: RequestHeader,
): SaslVerdict {
  if (sasl.isDone) return verdictOnSession(connection, sasl, apiKey);
  if (apiKey === API.API_VERSIONS && sasl.mayAskVersions) return 'serve';
  if (apiKey === API.SASL_HANDSHAKE && sasl.mayShakeHands) return 'serve';
  if (!sasl.maySendTokens)
    return end(connection, `sent ${apiName(apiKey)} during the SASL handshake`);
  if (apiKey === API.SASL_AUTHENTICATE) return 'serve';
  // Kafka answers all requests in this state with an error. Those that clients do mix up are small.
  const isSmall = apiKey === API.API_VERSIONS || apiKey === API.SASL_HANDSHAKE;
  if (isSmall && isKnown(apiKey, apiVersion)) return 'answer-out-of-order';
  return end(connection, `sent ${apiName(apiKey)} during SASL authentication`);
}

function isKnown(apiKey: number, version: number): boolean {
  const { lowestVersion, latestVersion } = findCodec(apiKey)!;
  return version >= lowestVersion && version <= latestVersion;
}

function verdictOnSession(connection: Connection, sasl: SaslSession, apiKey: number): SaslVerdict {
  if (apiKey === API.SASL_HANDSHAKE && connection.authenticateAgain()) return 'serve';
  if (!sasl.isOver) return 'serve';
  return end(connection, 'sent a request after its session was over, without authenticating again');
}

function end(connection: Connection, reason: string): SaslVerdict {
  connection.endAfterReplies(reason);
  return 'end';
}

/** Serves a frame that is a token of the mechanism, as clients send it after SaslHandshake v0. */
export async function answerRawToken(call: Call, token: Buffer, audit: Auditing): Promise<void> {
  const outcome = await call.connection.authenticate(token);
  if (outcome.kind !== 'failed') {
    const length = Buffer.alloc(4);
    length.writeInt32BE(outcome.bytes.length);
    call.reply([length, outcome.bytes]);
    return;
  }
  audit.failedToAuthenticate(call, outcome.message);
  await refusedLater(call, outcome.message, null);
  call.replyNothing();
}

/** The answer to ApiVersions or SaslHandshake in the middle of an exchange. */
export function outOfOrder(call: Call, sasl: SaslSession): Promise<object> {
  sasl.fail();
  const reason = `sent ${apiName(call.apiKey)} during SASL authentication`;
  const response = { errorCode: ERROR.ILLEGAL_SASL_STATE, mechanisms: [], apiKeys: [] };
  return refusedLater(call, reason, response);
}

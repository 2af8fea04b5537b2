import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from '../net/call.ts';

/**
 * The answer to a client that failed to authenticate. It comes after a pause, so that passwords
 * are tried slowly, and the connection ends behind it.
 */
export async function refusedLater<Response>(
  call: Call,
  reason: string,
  response: Response,
): Promise<Response> {
  const { connection } = call;
  await delay(connection.sasl?.limits.failureDelayMs ?? 0);
  connection.endAfterReplies(`failed to authenticate: ${reason}`);
  return response;
}

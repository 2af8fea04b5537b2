import type { HttpResponse } from 'uWebSockets.js';

/** Answers a request that is not served: the body says why, and whether to try again. */
export function refuse(
  response: HttpResponse,
  status: string,
  code: string,
  reason: string,
  retry = false,
): void {
  response.cork(() => {
    response.writeStatus(status).writeHeader('content-type', 'application/json');
    response.end(`${JSON.stringify({ code, reason, retry })}\n`);
  });
}

import type { HttpResponse } from './http-response.ts';

/** Why a request is not served. */
export interface Refusal {
  /** Code and words of the HTTP status. */
  readonly status: string;
  readonly code: string;
  readonly reason: string;
}

/**
 * Answers a request that is not served: the body says why, and whether to try again. A 401 names in
 * `challenge` what it asks for.
 */
export function refuse(
  response: HttpResponse,
  { status, code, reason }: Refusal,
  challenge = '',
): void {
  response.cork(() => {
    response.writeStatus(status).writeHeader('content-type', 'application/json');
    if (challenge !== '') response.writeHeader('www-authenticate', challenge);
    response.end(`${JSON.stringify({ code, reason, retry: code === 'busy' })}\n`);
  });
}

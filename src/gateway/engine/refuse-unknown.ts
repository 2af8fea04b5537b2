import type { HttpRequest } from './http-request.ts';
import type { HttpResponse } from './http-response.ts';
import { refuse } from './refuse.ts';

const METHODS = ['get', 'post', 'options'];

/** Answers requests that no route takes. Without an answer the connection would only be cut. */
export function refuseUnknown(response: HttpResponse, request: HttpRequest): void {
  const method = request.getMethod();
  if (METHODS.includes(method)) {
    const reason = `there is nothing at ${request.getUrl()}`;
    refuse(response, { status: '404 Not Found', code: 'not_found', reason });
    return;
  }
  const allowed = METHODS.join(', ').toUpperCase();
  response.writeStatus('405 Method Not Allowed').writeHeader('allow', allowed);
  response.endWithoutBody();
}

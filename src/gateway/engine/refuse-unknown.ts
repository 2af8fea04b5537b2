import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { refuse } from './refuse.ts';

const METHODS = ['get', 'post', 'options'];

/** For requests that nothing else takes: without an answer the connection would only be cut. */
export function refuseUnknown(response: HttpResponse, request: HttpRequest): void {
  const method = request.getMethod();
  if (METHODS.includes(method)) {
    refuse(response, '404 Not Found', 'not_found', `there is nothing at ${request.getUrl()}`);
    return;
  }
  const allowed = METHODS.join(', ').toUpperCase();
  response.writeStatus('405 Method Not Allowed').writeHeader('allow', allowed);
  response.endWithoutBody();
}

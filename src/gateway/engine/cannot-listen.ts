import { MillraceError } from '../../base/errors.ts';

/** Why the gateway has no listener. */
export function cannotListen(host: string, port: number, cause?: unknown): MillraceError {
  const address = `${host === '' ? '*' : host}:${port}`;
  const message = `millrace.http.listener: cannot listen on ${address}; is it in use?`;
  return new MillraceError('MILLRACE_BAD_CONFIG', message, cause);
}

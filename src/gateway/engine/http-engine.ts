import type { HttpRequest } from './http-request.ts';
import type { HttpResponse } from './http-response.ts';
import type { SocketHost } from './socket-host.ts';

/** Answers a request now or later; a later answer must watch `onAborted`. */
export type HttpRoute = (response: HttpResponse, request: HttpRequest) => void;

/** One listener for HTTP and WebSocket, whichever library serves it. */
export interface HttpEngine {
  /** As `millrace.http.engine` calls it. */
  readonly name: 'uws' | 'node';
  /** As it is configured; '' is every address. */
  readonly host: string;
  /** The port that the system gave, once it listens. */
  readonly port: number;
  /**
   * Asks `enter` before each connection is read from. `leave` is told of connections that end as
   * HTTP; the host of a WebSocket is told of its end.
   */
  admit(enter: (address: string) => boolean, leave: () => void): void;
  get(path: string, route: HttpRoute): void;
  post(path: string, route: HttpRoute): void;
  options(path: string, route: HttpRoute): void;
  /** Takes what no other route takes, by whichever method. */
  otherwise(route: HttpRoute): void;
  /** Opens WebSockets at `path`. */
  sockets<Session>(path: string, host: SocketHost<Session>): void;
  /** Call it after all routes are in place. */
  listen(port: number): Promise<void>;
  /** Stops listening and drops every connection. */
  close(): void;
}

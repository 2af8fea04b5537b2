import type { Principal } from '../../front/net/principal.ts';

/** A request as its route sees it. It is gone when the route returns. */
export interface HttpRequest {
  /** Whom the certificate of the client names. Missing where an engine asks for none. */
  readonly principal?: Principal;
  /** In lower case. */
  getMethod(): string;
  getUrl(): string;
  /** The text after the question mark. */
  getQuery(): string;
  /** `name` is in lower case; '' where the header is missing. */
  getHeader(name: string): string;
  /** The n-th `:name` of the route's path. */
  getParameter(index: number): string | undefined;
}

import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { ClientThrottle } from '../../front/requests/client-throttle.ts';

/** What the client of a request may do, and how much of it. */
export interface HttpClient {
  readonly rights: ClientRights;
  readonly throttle: ClientThrottle;
}

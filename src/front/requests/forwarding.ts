import type { ForwardedRequest } from '../../metadata/forwarded-request.ts';
import type { ConfigPlanning } from '../../metadata/plan-configs.ts';

/** Passes requests on to the node that decides about the metadata. */
export interface Forwarding {
  /** The body of the answer; null where that node does not serve the version. */
  forward(request: ForwardedRequest): Promise<Buffer | null>;
  /** That node does not know whether a broker can go on with a configuration. */
  readonly errorOfBrokerConfig: ConfigPlanning['errorOfBrokerConfig'];
}

import type { ConfigPlanning } from '../../metadata/plan-configs.ts';

/** A client's request as it came, and who sent it. */
export interface ForwardedCall {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly body: Buffer;
  readonly principal: { readonly type: string; readonly name: string };
  readonly isByToken: boolean;
  readonly clientAddress: string;
}

/** Passes requests on to the node that decides about the metadata. */
export interface Forwarding {
  /** The body of the answer; null where that node does not serve the version. */
  forward(request: ForwardedCall): Promise<Buffer | null>;
  /** That node does not know whether a broker can go on with a configuration. */
  readonly errorOfBrokerConfig: ConfigPlanning['errorOfBrokerConfig'];
}

/** A client's request as it came, and who sent it. */
export interface ForwardedRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly body: Buffer;
  readonly principal: { readonly type: string; readonly name: string };
  /** The client has authenticated by a delegation token. */
  readonly isByToken: boolean;
  readonly clientAddress: string;
}

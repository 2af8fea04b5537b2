/** The answer to one request. After `onAborted` or `end` it must not be touched. */
export interface HttpResponse {
  /** Comes first; without it the status is 200. */
  writeStatus(status: string): HttpResponse;
  writeHeader(name: string, value: string): HttpResponse;
  /** Sends a piece of the body. False: what was written waits for the reader. */
  write(chunk: string | Uint8Array): boolean;
  end(body?: string | Uint8Array): unknown;
  endWithoutBody(): unknown;
  /** Cuts the connection. */
  close(): unknown;
  /** What `write` sends leaves together. Needed for every write outside of the route. */
  cork(write: () => void): unknown;
  /** The address of the client, as letters. */
  getRemoteAddressAsText(): ArrayBuffer;
  /** The client is gone. */
  onAborted(handler: () => void): unknown;
  /** The reader has taken what waited. The handler answers true. */
  onWritable(handler: () => boolean): unknown;
  /** The request's body, in pieces. The bytes are valid until the handler returns. */
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): unknown;
  /** Reads no more of the body until `resume`. */
  pause(): void;
  resume(): void;
}

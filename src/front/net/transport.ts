/** Why a connection is ended: what its client may make of it. */
export type CutKind =
  /** It broke the protocol: the same again would end the same way. */
  | 'protocol'
  /** A request failed and has no answer that could say so: ask anew. */
  | 'failed'
  | 'idle'
  | 'slow'
  | 'stopping';

/**
 * What a connection needs of the socket under it: TCP, or a WebSocket that carries Kafka frames.
 */
export interface Transport {
  /** Takes the chunks in order without copying them; they must stay unchanged until taken. */
  write(chunks: readonly Buffer[]): void;
  /** Bytes that `write` took and the peer has not. */
  bufferedBytes(): number;
  /** Bytes that left for the peer so far: grows while it reads. */
  takenBytes(): number;
  pause(): void;
  resume(): void;
  /** Closes now, dropping what is buffered. */
  destroy(kind: CutKind, reason: string): void;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The address and port that the client dialled: the answer where none is advertised. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly listenerName: string;
}

/** Why a connection is ended. The gateway tells its clients the reason. */
export type CutKind =
  /** The client broke the protocol: the same request would end the same way again. */
  | 'protocol'
  /** A request failed, and no response can say so: the client may ask again. */
  | 'failed'
  | 'idle'
  | 'slow'
  | 'stopping';

/**
 * What a connection needs of the socket under it. A listener's kind makes one for each peer; the
 * gateway makes one for each WebSocket that carries Kafka frames.
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
  /**
   * The client has said who it is: it need not wait with those that have not. Absent where
   * newcomers are served like all.
   */
  establish?(): void;
  /** Closes now, dropping what is buffered. */
  destroy(kind: CutKind, reason: string): void;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The address and port that the client dialled: the answer where none is advertised. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly listenerName: string;
}

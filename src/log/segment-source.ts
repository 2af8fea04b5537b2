/**
 * Where the readers of a segment get its bytes and its index from: a map of the whole file, or, for
 * want of maps, copies of the stretches that are looked at.
 */
export interface SegmentSource {
  /** Bytes of the file from `origin` on. Another call of `hold` or `holdToSend` changes both. */
  readonly bytes: Buffer;
  readonly origin: number;
  /** Everything below the `limit` of the last call is held, whatever was asked for. */
  readonly isWhole: boolean;
  /** Has bytes[start - origin, end - origin) be the file's [start, end), of at most `limit`. */
  hold(start: number, end: number, limit: number): void;
  /**
   * The same for bytes that a socket may take later: of at most `maxBytes`, or of the first batch
   * where that is longer. The end of what is held.
   */
  holdToSend(start: number, maxBytes: number, limit: number): number;
  /** The offset index as far as it is needed for `limit` bytes of data. */
  indexFor(limit: number): Buffer;
  /** The file of which a page that was read here is lost, or ''. */
  readonly lostPath: string;
  /** Drops what it holds; slices that sockets hold are not sent. */
  spoil(): void;
  /** Drops what it holds; slices that sockets hold stay. */
  release(): void;
}

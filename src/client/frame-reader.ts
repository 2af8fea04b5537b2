import { MillraceError } from '../base/errors.ts';

const LENGTH_BYTES = 4;
/** What a fetch may bring is bounded by the request; other answers are far smaller. */
export const RESPONSE_BYTES_MAX = 256 * 1024 * 1024;

/** Cuts a stream of bytes into frames. Chunks are joined once a frame, however many it takes. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Of the frame that is being received; -1 while its length is not known. */
  #frameBytes = -1;

  constructor(maxBytes: number = RESPONSE_BYTES_MAX) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next whole frame without its length, null where more bytes are needed for one. */
  next(): Buffer | null {
    if (this.#frameBytes < 0) {
      if (this.#bytes < LENGTH_BYTES) return null;
      this.#frameBytes = this.#readLength();
    }
    const end = LENGTH_BYTES + this.#frameBytes;
    if (this.#bytes < end) return null;
    const joined = this.#join();
    const rest = joined.subarray(end);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    this.#frameBytes = -1;
    return joined.subarray(LENGTH_BYTES, end);
  }

  #readLength(): number {
    const length = this.#join().readInt32BE(0);
    if (length < LENGTH_BYTES || length > this.#maxBytes) {
      const message = `a response of ${length} bytes is announced: this is no Kafka broker`;
      throw new MillraceError('MILLRACE_PROTOCOL', message);
    }
    return length;
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const joined = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [joined];
    return joined;
  }
}

const LENGTH_BYTES = 4;

/** Cuts the chunks of a socket into frames, for what stands in a broker's or a client's place. */
export class FrameCutter {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  /** The next whole frame without its length, null where more bytes are needed for one. */
  next(): Buffer | null {
    const bytes = this.#bytes;
    if (bytes.length < LENGTH_BYTES) return null;
    const end = LENGTH_BYTES + bytes.readInt32BE(0);
    if (bytes.length < end) return null;
    this.#bytes = bytes.subarray(end);
    return bytes.subarray(LENGTH_BYTES, end);
  }
}

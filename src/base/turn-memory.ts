/** One read takes at most this much: several produce requests, and still in the cache. */
export const READ_BYTES_MAX = 256 * 1024;
const TURN_BYTES = 4 * READ_BYTES_MAX;
/** Reads begin at addresses that the copies of the system like. */
const ALIGNMENT = 64;

/**
 * The memory that the sockets of a front read into. Each read begins at the start, over what came
 * before, unless somebody holds that: then it begins behind. Who holds bytes lets go of them before
 * the turn of the event loop is over.
 *
 *   | held until the end of the turn | the read that is being handled | room for the next one |
 *                                    next                             readEnd
 */
export class TurnMemory {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(TURN_BYTES);
  /** One word: where the next read begins. The addon looks at it. */
  readonly next = new Int32Array(1);
  #readEnd = 0;

  /** A read of so many bytes came. Returns where it begins. */
  tookRead(bytes: number): number {
    const start = this.next[0]!;
    this.#readEnd = start + bytes;
    return start;
  }

  /** Whether the bytes lie in here. */
  has(bytes: Uint8Array): boolean {
    return bytes.buffer === this.bytes.buffer;
  }

  /** The read that is being handled stays. False where the next one would find too little room. */
  hold(): boolean {
    this.next[0] = (this.#readEnd + ALIGNMENT - 1) & -ALIGNMENT;
    return this.next[0]! + READ_BYTES_MAX <= TURN_BYTES;
  }

  letGo(): void {
    this.next[0] = 0;
  }
}

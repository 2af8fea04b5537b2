import { KafkaError } from '../errors/kafka-error.ts';

const LENGTH_BYTES = 4;
const READ_BYTES = 64 * 1024;
/** What a fetch may bring is bounded by the request; other answers are far smaller. */
const FRAME_BYTES_MAX = 256 * 1024 * 1024;
/** A frame that announces more gets this much at first and more as its bytes come. */
const FIRST_BYTES = 4 * 1024 * 1024;
/** How a TLS server begins its answer to what is no TLS: the type and the major version. */
const TLS_ALERT = 0x1503;

/**
 * Cuts the bytes of a connection into frames. A frame that lies whole within a read is handed on in
 * place. A larger one gets memory of its own, and the socket reads straight into it. One of at most
 * `inPlaceMax` bytes, its length included, is put together in the buffer for reads; its receiver
 * may look at it until the next read.
 */
export class FrameAssembler {
  readonly #onFrame: (bytes: Buffer, start: number, end: number, isOwned: boolean) => void;
  readonly #inPlaceMax: number;
  readonly #shared: Buffer;
  /** The start of a frame that lies at the start of the buffer for reads; 0 where there is none. */
  #begun = 0;
  /** The begun frame, its length in front; null between frames. */
  #frame: Buffer | null = null;
  #have = 0;
  /** With the length in front; 0 while it is not known. */
  #need = 0;

  /** `isOwned` says that the bytes are the receiver's to keep; others last until it returns. */
  constructor(
    onFrame: (bytes: Buffer, start: number, end: number, isOwned: boolean) => void,
    inPlaceMax = 0,
  ) {
    this.#onFrame = onFrame;
    this.#inPlaceMax = inPlaceMax;
    this.#shared = Buffer.allocUnsafeSlow(Math.max(READ_BYTES, inPlaceMax));
  }

  /** Where the next bytes go: the rest of a large frame, or else the buffer for reads. */
  target(): Uint8Array {
    const frame = this.#frame;
    if (this.#begun > 0) return this.#shared.subarray(this.#begun);
    if (frame === null || this.#need === 0) return this.#shared;
    const end = Math.min(frame.length, this.#need);
    return end - this.#have < READ_BYTES ? this.#shared : frame.subarray(this.#have, end);
  }

  feed(bytes: Uint8Array, length: number): void {
    if (bytes.buffer !== this.#shared.buffer) {
      this.#have += length;
      this.#finish();
      return;
    }
    const shared = this.#shared;
    const filled = this.#begun + length;
    let at = 0;
    if (this.#frame !== null) at = this.#continue(shared, length);
    this.#begun = 0;
    while (filled - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + checkedLength(shared, at);
      if (end > filled) break;
      this.#onFrame(shared, at + LENGTH_BYTES, end, false);
      at = end;
    }
    if (at < filled) this.#begin(shared, at, filled);
  }

  #begin(bytes: Buffer, at: number, end: number): void {
    const isKnown = end - at >= LENGTH_BYTES;
    this.#need = isKnown ? LENGTH_BYTES + checkedLength(bytes, at) : 0;
    // The receiver of a frame before it in the same read has not looked at that yet.
    if (at === 0 && this.#inPlaceMax > 0 && this.#need <= this.#inPlaceMax) {
      this.#begun = end;
      return;
    }
    this.#frame = Buffer.allocUnsafeSlow(
      isKnown ? Math.min(this.#need, FIRST_BYTES) : LENGTH_BYTES,
    );
    this.#have = bytes.copy(this.#frame, 0, at, end);
  }

  /** Adds to the begun frame and returns how many of the bytes were its. */
  #continue(bytes: Buffer, length: number): number {
    let at = 0;
    if (this.#need === 0) {
      const head = this.#frame!;
      at = bytes.copy(head, this.#have, 0, length);
      this.#have += at;
      if (this.#have < LENGTH_BYTES) return at;
      this.#need = LENGTH_BYTES + checkedLength(head, 0);
      this.#frame = Buffer.allocUnsafeSlow(Math.min(this.#need, FIRST_BYTES));
      head.copy(this.#frame, 0);
    }
    const end = Math.min(length, at + this.#need - this.#have);
    while (at < end) {
      const copied = bytes.copy(this.#frame!, this.#have, at, end);
      at += copied;
      this.#have += copied;
      this.#finish();
    }
    return at;
  }

  /** Hands on a frame that is whole; makes room for one that is not. */
  #finish(): void {
    const frame = this.#frame!;
    if (this.#have === this.#need) {
      this.#frame = null;
      this.#onFrame(frame, LENGTH_BYTES, this.#need, true);
    } else if (this.#have === frame.length) {
      this.#frame = Buffer.allocUnsafeSlow(Math.min(this.#need, 2 * frame.length));
      frame.copy(this.#frame, 0);
    }
  }
}

function checkedLength(bytes: Buffer, at: number): number {
  const length = bytes.readInt32BE(at);
  if (length >= LENGTH_BYTES && length <= FRAME_BYTES_MAX) return length;
  const hint = bytes.readUInt16BE(at) === TLS_ALERT ? "; it speaks TLS: set the option 'ssl'" : '';
  const message = `a response of ${length} bytes is announced: this is no Kafka broker${hint}`;
  throw new KafkaError('MALFORMED_ANSWER', message);
}

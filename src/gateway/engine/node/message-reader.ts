import { isUtf8 } from 'node:buffer';
import {
  CONTROL_BIT,
  FIN_BIT,
  LENGTH_BITS,
  LENGTH_IN_U16,
  LENGTH_IN_U64,
  MASK_BIT,
  OPCODE,
  OPCODE_BITS,
  RESERVED_BITS,
} from './frame-head.ts';
import { MessageBytes } from './message-bytes.ts';

const MASK_BYTES = 4;
const CONTROL_BYTES_MAX = 125;
const HEAD_IS_INCOMPLETE = 0;
const BETWEEN_FRAMES = -1;
/** No message has begun. */
const NO_OPCODE = -1;
const WORD = 2 ** 32;

/** Who is told what a client sent. */
export interface MessageTaker {
  onMessage(bytes: ArrayBuffer, isBinary: boolean): void;
  onPing(payload: Buffer): void;
  onPong(): void;
  /** `payload` is empty, or a status code and a reason. */
  onClose(payload: Buffer): void;
  /** The client broke RFC 6455 or a limit. Nothing more is read. */
  onViolation(): void;
}

/** Reads the frames of one client and puts messages together. */
export class MessageReader {
  readonly #taker: MessageTaker;
  readonly #bytesMax: number;
  readonly #message = new MessageBytes();
  /** Control frames may come between the frames of a message. */
  readonly #control = new MessageBytes();
  #messageOpcode: number = NO_OPCODE;
  /** A head that the end of a read cut. */
  #cutHead: Buffer | null = null;
  /** The frame that is being read. */
  #opcode: number = OPCODE.CONTINUATION;
  #isLast = false;
  #mask = 0;
  #length = 0;
  #left = BETWEEN_FRAMES;
  #isStopped = false;

  constructor(bytesMax: number, taker: MessageTaker) {
    this.#bytesMax = bytesMax;
    this.#taker = taker;
  }

  /** Ignores what still comes. */
  stop(): void {
    this.#isStopped = true;
    this.#cutHead = null;
  }

  feed(chunk: Buffer): void {
    const bytes = this.#cutHead === null ? chunk : Buffer.concat([this.#cutHead, chunk]);
    this.#cutHead = null;
    let at = 0;
    while (at < bytes.length && !this.#isStopped) {
      if (this.#left === BETWEEN_FRAMES) {
        const size = headSizeAt(bytes, at);
        if (size === HEAD_IS_INCOMPLETE) {
          this.#cutHead = Buffer.from(bytes.subarray(at));
          return;
        }
        if (!this.#begin(bytes, at, size)) {
          this.stop();
          this.#taker.onViolation();
          return;
        }
        at += size;
      }
      const end = Math.min(bytes.length, at + this.#left);
      const target = this.#isControl ? this.#control : this.#message;
      if (end > at) {
        const phase = this.#length - this.#left;
        target.append(bytes, at, end, this.#mask, phase, this.#left);
      }
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#finish();
    }
  }

  get #isControl(): boolean {
    return (this.#opcode & CONTROL_BIT) !== 0;
  }

  /** Reads a head. False if the frame must not be. */
  #begin(bytes: Buffer, at: number, size: number): boolean {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    this.#opcode = first & OPCODE_BITS;
    this.#isLast = (first & FIN_BIT) !== 0;
    this.#length = lengthAt(bytes, at, second & LENGTH_BITS);
    this.#left = this.#length;
    this.#mask = bytes.readInt32LE(at + size - MASK_BYTES);
    if ((first & RESERVED_BITS) !== 0 || (second & MASK_BIT) === 0) return false;
    switch (this.#opcode) {
      case OPCODE.CLOSE:
      case OPCODE.PING:
      case OPCODE.PONG:
        return this.#isLast && this.#length <= CONTROL_BYTES_MAX;
      case OPCODE.TEXT:
      case OPCODE.BINARY:
        if (this.#messageOpcode !== NO_OPCODE) return false;
        this.#messageOpcode = this.#opcode;
        return this.#length <= this.#bytesMax;
      case OPCODE.CONTINUATION:
        if (this.#messageOpcode === NO_OPCODE) return false;
        return this.#message.length + this.#length <= this.#bytesMax;
      default:
        return false;
    }
  }

  #finish(): void {
    this.#left = BETWEEN_FRAMES;
    if (this.#isControl) {
      this.#finishControl();
      return;
    }
    if (!this.#isLast) return;
    const isBinary = this.#messageOpcode === OPCODE.BINARY;
    const message = this.#message.take();
    this.#messageOpcode = NO_OPCODE;
    if (isBinary || isUtf8(message)) this.#taker.onMessage(message, isBinary);
    else this.#taker.onViolation();
  }

  #finishControl(): void {
    const payload = Buffer.from(this.#control.take());
    if (this.#opcode === OPCODE.PING) {
      this.#taker.onPing(payload);
    } else if (this.#opcode === OPCODE.PONG) {
      this.#taker.onPong();
    } else if (isCloseSound(payload)) {
      this.#taker.onClose(payload);
    } else {
      this.#taker.onViolation();
    }
  }
}

/** With the mask that every client's frame must have. */
function headSizeAt(bytes: Buffer, at: number): number {
  if (bytes.length - at < 2) return HEAD_IS_INCOMPLETE;
  const length = bytes[at + 1]! & LENGTH_BITS;
  let size = 2 + MASK_BYTES;
  if (length === LENGTH_IN_U16) size += 2;
  if (length === LENGTH_IN_U64) size += 8;
  return bytes.length - at < size ? HEAD_IS_INCOMPLETE : size;
}

function lengthAt(bytes: Buffer, at: number, short: number): number {
  if (short === LENGTH_IN_U16) return bytes.readUInt16BE(at + 2);
  if (short === LENGTH_IN_U64) {
    return bytes.readUInt32BE(at + 2) * WORD + bytes.readUInt32BE(at + 6);
  }
  return short;
}

/** The status codes that RFC 6455 (7.4) and its registry let an endpoint send. */
function isCloseSound(payload: Buffer): boolean {
  if (payload.length === 0) return true;
  if (payload.length === 1) return false;
  const code = payload.readUInt16BE(0);
  const isKnown = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
  if (!isKnown && (code < 3000 || code > 4999)) return false;
  return isUtf8(payload.subarray(2));
}

/**
 * The head of a WebSocket frame (RFC 6455, 5.2). Frames to the client have no mask.
 *
 *   +-------------------+----------------+-------------------------+-------------+
 *   | fin, rsv, opcode  | mask, length   | longer length: u16, u64 | mask: 4     |
 *   +-------------------+----------------+-------------------------+-------------+
 */

export const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

export const FIN_BIT = 0x80;
export const RESERVED_BITS = 0x70;
export const OPCODE_BITS = 0x0f;
/** Opcodes with this bit are control frames. */
export const CONTROL_BIT = 0x08;
export const MASK_BIT = 0x80;
export const LENGTH_BITS = 0x7f;
/** In place of a length: the length follows in two bytes. */
export const LENGTH_IN_U16 = 126;
/** In place of a length: the length follows in eight bytes. */
export const LENGTH_IN_U64 = 127;

const U16_MAX = 0xffff;
const WORD = 2 ** 32;

export function headBytes(length: number): number {
  if (length < LENGTH_IN_U16) return 2;
  return length <= U16_MAX ? 4 : 10;
}

/** Writes the head of a whole message to the beginning of `target`. */
export function writeHead(target: Buffer, opcode: number, length: number): void {
  target[0] = FIN_BIT | opcode;
  if (length < LENGTH_IN_U16) {
    target[1] = length;
  } else if (length <= U16_MAX) {
    target[1] = LENGTH_IN_U16;
    target.writeUInt16BE(length, 2);
  } else {
    target[1] = LENGTH_IN_U64;
    target.writeUInt32BE(Math.floor(length / WORD), 2);
    target.writeUInt32BE(length % WORD, 6);
  }
}

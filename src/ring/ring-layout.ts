/**
 * One ring carries messages from one thread to one other over a SharedArrayBuffer.
 *
 *   byte    0 ..  3   tail: bytes ever written, modulo 2^32      written by the producer
 *   byte  128 .. 131  head: bytes ever released, modulo 2^32     written by the consumer
 *   byte  256 ..      data, a power of two long
 *
 * tail and head lie two cache lines apart, so that the threads do not share a line. A message
 * begins at a multiple of 8 and never wraps; what is left at the end of the data is skipped by a
 * padding message:
 *
 *   +0  int32  bytes of the whole message, header and alignment included
 *   +4  int32  type (PADDING_TYPE skips)
 *   +8  payload
 *
 * The one store that publishes is the Atomics.store of tail; everything below it is plain memory.
 */
export const TAIL_WORD = 0;
export const HEAD_WORD = 32;
export const DATA_OFFSET = 256;
export const MESSAGE_HEADER_BYTES = 8;
export const MESSAGE_ALIGNMENT = 8;
export const PADDING_TYPE = -1;

/** `next` found nothing. Message types are positive. */
export const RING_EMPTY = 0;
/** `claim` found no room now; the consumer will make some. */
export const RING_FULL = -1;
/** `claim` was asked for more than this ring ever takes: send it another way. */
export const RING_TOO_LONG = -2;

export function alignedMessageBytes(payloadBytes: number): number {
  const alignMask = MESSAGE_ALIGNMENT - 1;
  return (payloadBytes + MESSAGE_HEADER_BYTES + alignMask) & ~alignMask;
}

/** A message may take a quarter of the ring, so that padding never starves it of room. */
export function longestPayloadBytes(dataBytes: number): number {
  return dataBytes / 4 - MESSAGE_HEADER_BYTES;
}

export function createRingMemory(dataBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA_OFFSET + dataBytes);
}

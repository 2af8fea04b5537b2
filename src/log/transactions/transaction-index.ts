/**
 * Kafka's `<base offset>.txnindex`: the transactions whose abort marker lies in the segment, in the
 * order of the markers. A segment without any has no such file.
 *
 *   0             2               10             18            26             34
 *   +-------------+---------------+--------------+-------------+--------------+
 *   | version     | producer id   | first offset | last offset | last stable  |
 *   | int16 = 0   | int64         | int64        | int64       | offset int64 |
 *   +-------------+---------------+--------------+-------------+--------------+
 */
import type { AbortedTransaction } from './aborted-transaction.ts';

export const ABORTED_ENTRY_BYTES = 34;
const VERSION = 0;
const PRODUCER_ID = 2;
const FIRST_OFFSET = 10;
const LAST_OFFSET = 18;
const LAST_STABLE_OFFSET = 26;
const WORD = 2 ** 32;

export function encodeAborted(entries: readonly AbortedTransaction[]): Buffer {
  const bytes = Buffer.alloc(entries.length * ABORTED_ENTRY_BYTES);
  for (const [i, entry] of entries.entries()) {
    const at = i * ABORTED_ENTRY_BYTES;
    bytes.writeInt16BE(VERSION, at);
    writeInt64(bytes, at + PRODUCER_ID, entry.producerId);
    writeInt64(bytes, at + FIRST_OFFSET, entry.firstOffset);
    writeInt64(bytes, at + LAST_OFFSET, entry.lastOffset);
    writeInt64(bytes, at + LAST_STABLE_OFFSET, entry.lastStableOffset);
  }
  return bytes;
}

export function abortedAt(bytes: Buffer, index: number): AbortedTransaction {
  const at = index * ABORTED_ENTRY_BYTES;
  return {
    producerId: readInt64(bytes, at + PRODUCER_ID),
    firstOffset: readInt64(bytes, at + FIRST_OFFSET),
    lastOffset: readInt64(bytes, at + LAST_OFFSET),
    lastStableOffset: readInt64(bytes, at + LAST_STABLE_OFFSET),
  };
}

/** How many entries there are; -1 where this is not an index of the offsets [base, end). */
export function countAborted(bytes: Buffer, base: number, end: number): number {
  if (bytes.length % ABORTED_ENTRY_BYTES !== 0) return -1;
  const count = bytes.length / ABORTED_ENTRY_BYTES;
  let marker = base - 1;
  for (let at = 0; at < bytes.length; at += ABORTED_ENTRY_BYTES) {
    const next = readInt64(bytes, at + LAST_OFFSET);
    if (bytes.readInt16BE(at) !== VERSION || next <= marker || next >= end) return -1;
    marker = next;
  }
  return count;
}

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * WORD + bytes.readUInt32BE(at + 4);
}

function writeInt64(bytes: Buffer, at: number, value: number): void {
  const high = Math.floor(value / WORD);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * WORD, at + 4);
}

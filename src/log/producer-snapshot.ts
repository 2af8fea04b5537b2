/**
 * The producer state as of an offset, in Kafka's own file `<offset>.snapshot`:
 *
 *   0          2            6               10
 *   +----------+------------+---------------+----
 *   | version  | CRC-32C of | count of      | entries, 46 bytes each
 *   | int16 =1 | what comes | entries int32 |
 *   +----------+------------+---------------+----
 *   entry: | producer id 8 | epoch 2 | last sequence 4 | last offset 8 | offset delta 4 |
 *          | timestamp 8 | coordinator epoch 4 | first offset of the open transaction 8 |
 *
 * It holds one batch a producer; the four before it come back from the log, see producer-replay.ts.
 */
import { join } from 'node:path';
import { reasonOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { crc32c } from '../records/crc32c.ts';
import { offsetInName, SNAPSHOT_SUFFIX, segmentPath } from './file-names.ts';
import { NO_OFFSET, NO_SEQUENCE, ProducerEntry, type ProducerState } from './producer-state.ts';
import { listDirectory, readIfThere, replaceFile, storage } from './storage.ts';

const VERSION = 1;
const CRC_AT = 2;
const CRC_END = 6;
const HEADER_BYTES = 10;
const ENTRY_BYTES = 46;
const FIRST_OFFSET_AT = 38;
const SEQUENCES = 2 ** 31;
const WORD = 2 ** 32;

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * WORD + bytes.readUInt32BE(at + 4);
}

function writeInt64(bytes: Buffer, at: number, value: number): void {
  const high = Math.floor(value / WORD);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * WORD, at + 4);
}

function writeEntry(bytes: Buffer, at: number, entry: ProducerEntry): void {
  writeInt64(bytes, at, entry.producerId);
  bytes.writeInt16BE(entry.epoch, at + 8);
  bytes.writeInt32BE(entry.lastSequence, at + 10);
  writeInt64(bytes, at + 14, entry.lastOffset);
  bytes.writeInt32BE(entry.offsetDelta, at + 22);
  writeInt64(bytes, at + 26, entry.lastTimestamp);
  bytes.writeInt32BE(entry.coordinatorEpoch, at + 34);
  writeInt64(bytes, at + FIRST_OFFSET_AT, entry.currentTxnFirstOffset);
}

function readEntry(bytes: Buffer, at: number, wallMs: number): ProducerEntry {
  const timestamp = readInt64(bytes, at + 26);
  const producerId = readInt64(bytes, at);
  const seenMs = timestamp > 0 ? Math.min(timestamp, wallMs) : wallMs;
  const entry = new ProducerEntry(producerId, bytes.readInt16BE(at + 8), seenMs);
  const lastSequence = bytes.readInt32BE(at + 10);
  const lastOffset = readInt64(bytes, at + 14);
  const delta = bytes.readInt32BE(at + 22);
  if (lastSequence !== NO_SEQUENCE && lastOffset !== NO_OFFSET) {
    const firstSequence = (lastSequence - delta + SEQUENCES) % SEQUENCES;
    entry.addBatch(firstSequence, lastSequence, lastOffset - delta, lastOffset, timestamp);
  }
  entry.lastOffset = lastOffset;
  entry.lastTimestamp = timestamp;
  entry.coordinatorEpoch = bytes.readInt32BE(at + 34);
  return entry;
}

export function encodeSnapshot(state: ProducerState): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + state.size * ENTRY_BYTES);
  bytes.writeInt16BE(VERSION, 0);
  bytes.writeInt32BE(state.size, CRC_END);
  let at = HEADER_BYTES;
  for (const entry of state.entries()) {
    writeEntry(bytes, at, entry);
    at += ENTRY_BYTES;
  }
  bytes.writeUInt32BE(crc32c(bytes, CRC_END, bytes.length), CRC_AT);
  return bytes;
}

/** The entries with a transaction, in the order in which these began. */
function openTransactionsIn(bytes: Buffer): { at: number; firstOffset: number }[] {
  const open: { at: number; firstOffset: number }[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const firstOffset = readInt64(bytes, at + FIRST_OFFSET_AT);
    if (firstOffset >= 0) open.push({ at, firstOffset });
  }
  return open.sort((one, other) => one.firstOffset - other.firstOffset);
}

/** Fills the state from a snapshot's bytes; false where they are not a sound snapshot. */
export function decodeSnapshot(bytes: Buffer, state: ProducerState, wallMs: number): boolean {
  if (bytes.length < HEADER_BYTES || bytes.readInt16BE(0) !== VERSION) return false;
  const count = bytes.readInt32BE(CRC_END);
  if (count < 0 || bytes.length !== HEADER_BYTES + count * ENTRY_BYTES) return false;
  if (bytes.readUInt32BE(CRC_AT) !== crc32c(bytes, CRC_END, bytes.length)) return false;
  const open = openTransactionsIn(bytes);
  // Only then are they safe from making room for others.
  for (const { at, firstOffset } of open) {
    const entry = readEntry(bytes, at, wallMs);
    state.restore(entry);
    state.beginTransaction(entry, firstOffset);
  }
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    if (bytes.readInt32BE(at + FIRST_OFFSET_AT) < 0) state.restore(readEntry(bytes, at, wallMs));
  }
  return true;
}

export function snapshotOffsets(directory: string): number[] {
  return listDirectory(directory)
    .map((name) => offsetInName(name, SNAPSHOT_SUFFIX))
    .filter((offset) => offset >= 0);
}

/**
 * Writes the state as of its end offset. It is not synced: a start skips a torn snapshot and takes
 * an older one.
 */
export function writeSnapshot(directory: string, state: ProducerState, offset: number): void {
  replaceFile(segmentPath(directory, offset, SNAPSHOT_SUFFIX), encodeSnapshot(state), false);
}

/** A snapshot only shortens a recovery: where it cannot be written the log goes on. */
export function trySnapshot(
  directory: string,
  producers: ProducerState,
  logEndOffset: number,
  logger: Logger,
): void {
  try {
    writeSnapshot(directory, producers, logEndOffset);
  } catch (thrown) {
    logger.warn(`${directory}: no producer snapshot: ${reasonOf(thrown)}`);
  }
}

/**
 * Loads the newest sound snapshot at or below an offset and says as of which offset it is; 0 where
 * there is none, and the state then is empty. Unsound and later ones are removed.
 */
export function loadSnapshot(
  directory: string,
  state: ProducerState,
  logEndOffset: number,
  wallMs: number,
): number {
  state.clear();
  for (const offset of snapshotOffsets(directory).reverse()) {
    const path = segmentPath(directory, offset, SNAPSHOT_SUFFIX);
    const bytes = offset <= logEndOffset ? readIfThere(path) : null;
    if (bytes !== null && decodeSnapshot(bytes, state, wallMs)) {
      state.endOffset = offset;
      return offset;
    }
    storage.unlink(path);
  }
  return 0;
}

/** Snapshots before the log start serve nothing; of the others the two newest are kept. */
export function keepNewestSnapshots(
  directory: string,
  segments: readonly { readonly baseOffset: number }[],
): void {
  const offsets = snapshotOffsets(directory);
  const keep = new Set(offsets.slice(-2));
  for (const { baseOffset } of segments) keep.add(baseOffset);
  for (const offset of offsets) {
    if (!keep.has(offset)) storage.unlink(join(segmentPath(directory, offset, SNAPSHOT_SUFFIX)));
  }
}

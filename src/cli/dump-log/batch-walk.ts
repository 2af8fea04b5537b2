/** From batch to batch through a segment, telling sound ones from damaged ones. */
import {
  ATTRIBUTES,
  BATCH_HEADER_SIZE,
  baseOffset,
  crc,
  lastOffset,
  lastOffsetDelta,
  MAGIC_V2,
  magic,
  recordCount,
  sizeInBytes,
} from '../../records/batch-layout.ts';
import { crc32c } from '../../records/crc32c.ts';
import type { FileWindow } from './file-window.ts';
import type { Findings } from './findings.ts';

export interface BatchPlace {
  readonly position: number;
  readonly sizeBytes: number;
  /** Starts with the batch; good until the next step. */
  readonly bytes: Buffer;
  readonly isSound: boolean;
}

export interface WalkEnd {
  /** Where the batches end. */
  readonly position: number;
  /** Zeros behind them: room that was reserved for more. */
  readonly reservedBytes: number;
}

/**
 * Yields each batch whose frame holds, and reports what is damaged. Batches behind a broken frame
 * cannot be found, so the walk ends there.
 */
export function* walkBatches(
  file: FileWindow,
  firstOffset: number,
  findings: Findings,
): Generator<BatchPlace, WalkEnd> {
  let position = 0;
  let nextOffset = firstOffset;
  while (position < file.sizeBytes) {
    const left = file.sizeBytes - position;
    const header = file.view(position, Math.min(left, BATCH_HEADER_SIZE));
    const broken = frameProblem(header, left);
    if (broken !== null) {
      const isReserve = header.every((byte) => byte === 0) && file.isZeroFrom(position);
      if (isReserve) return { position, reservedBytes: left };
      findings.corrupt(file.path, position, broken);
      return { position, reservedBytes: 0 };
    }
    const sizeBytes = sizeInBytes(header, 0);
    const bytes = file.view(position, sizeBytes);
    const problem = contentProblem(bytes, sizeBytes, nextOffset);
    if (problem !== null) findings.corrupt(file.path, position, problem);
    yield { position, sizeBytes, bytes, isSound: problem === null };
    if (problem === null) nextOffset = lastOffset(bytes, 0) + 1;
    position += sizeBytes;
  }
  return { position, reservedBytes: 0 };
}

function frameProblem(header: Buffer, left: number): string | null {
  if (left < BATCH_HEADER_SIZE) return `${left} bytes are too few for a batch`;
  const sizeBytes = sizeInBytes(header, 0);
  if (sizeBytes < BATCH_HEADER_SIZE) return `a batch of ${sizeBytes} bytes is too small`;
  if (magic(header, 0) !== MAGIC_V2) return `unknown magic ${magic(header, 0)}`;
  if (sizeBytes > left) return `a batch of ${sizeBytes} bytes, and the file has ${left} left`;
  return null;
}

function contentProblem(bytes: Buffer, sizeBytes: number, nextOffset: number): string | null {
  const found = crc32c(bytes, ATTRIBUTES, sizeBytes);
  const stated = crc(bytes, 0);
  if (found !== stated) return `CRC is ${hex(found)}, the header says ${hex(stated)}`;
  const offset = baseOffset(bytes, 0);
  if (offset < nextOffset) return `offset ${offset} after offset ${nextOffset - 1}`;
  if (lastOffsetDelta(bytes, 0) < 0) return 'its last offset is before its first';
  if (recordCount(bytes, 0) < 0) return `it says that it has ${recordCount(bytes, 0)} records`;
  return null;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

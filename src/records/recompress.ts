import { isCorrupt } from '../base/errors.ts';
import { BATCH_HEADER_SIZE, codecId, recordCount } from './batch-layout.ts';
import { recompressBatch } from './batch-rewriter.ts';
import {
  ACCEPTED,
  CORRUPT_MESSAGE,
  hasValidCrc,
  INVALID_RECORD,
  MESSAGE_TOO_LARGE,
  validateBatchContent,
  validateBatchFrame,
} from './batch-validator.ts';
import { CODEC } from './codec-ids.ts';
import { DECOMPRESSED_BYTES_MAX, decompress } from './compression.ts';
import { OutgrownError } from './outgrown-error.ts';
import { walkRecords } from './record-walker.ts';

export interface CompressionLevels {
  readonly gzip: number;
  readonly lz4: number;
  readonly zstd: number;
}

export interface Recompressed {
  /** 0, OUTGROWN or the wire error code; `rebuilt` is then the batch as it came. */
  readonly error: number;
  readonly rebuilt: Buffer;
}

/** No wire error: the batch opens to more than `openedBytesMax`, and was left there. */
export const OUTGROWN = -1;

const KEEP_CODEC = -1;
/** The zstd rule of old Produce versions is the front's: here every codec is known. */
export const LATEST_PRODUCE = 127;

/**
 * A produced batch, checked from the frame to the last record and stored with another codec (-1
 * keeps its own). `bytesMax` is `max.message.bytes`: it bounds the batch as it came and as it is
 * rebuilt. `openedBytesMax` bounds the memory that its records take when they are opened.
 */
export function recompress(
  batch: Buffer,
  codec: number,
  levels: CompressionLevels,
  keysRequired: boolean,
  bytesMax: number,
  openedBytesMax: number = DECOMPRESSED_BYTES_MAX,
): Recompressed {
  const frame = validateBatchFrame(batch, 0, batch.length, LATEST_PRODUCE);
  if (frame !== ACCEPTED) return { error: frame, rebuilt: batch };
  if (batch.length > bytesMax) return { error: MESSAGE_TOO_LARGE, rebuilt: batch };
  if (!hasValidCrc(batch, 0, batch.length)) return { error: CORRUPT_MESSAGE, rebuilt: batch };
  const content = validateBatchContent(batch, 0);
  if (content !== ACCEPTED) return { error: content, rebuilt: batch };
  // A batch that is stored uncompressed may not exceed `max.message.bytes` when it is opened.
  const isPlain = codec === CODEC.NONE && bytesMax <= openedBytesMax;
  try {
    if (codec === KEEP_CODEC || codec === codecId(batch, 0)) {
      const areSound = areRecordsSound(batch, keysRequired, openedBytesMax);
      return { error: areSound ? ACCEPTED : INVALID_RECORD, rebuilt: batch };
    }
    const opensTo = isPlain ? bytesMax : openedBytesMax;
    const level = levelOf(codec, levels);
    const rebuilt = recompressBatch(batch, 0, codec, level, keysRequired, opensTo);
    return { error: rebuilt.length > bytesMax ? MESSAGE_TOO_LARGE : ACCEPTED, rebuilt };
  } catch (thrown) {
    if (thrown instanceof OutgrownError) {
      return { error: isPlain ? MESSAGE_TOO_LARGE : OUTGROWN, rebuilt: batch };
    }
    if (isCorrupt(thrown)) {
      return { error: INVALID_RECORD, rebuilt: batch };
    }
    throw thrown;
  }
}

function areRecordsSound(batch: Buffer, keysRequired: boolean, openedBytesMax: number): boolean {
  const packed = batch.subarray(BATCH_HEADER_SIZE);
  const records = decompress(codecId(batch, 0), packed, openedBytesMax);
  return walkRecords(records, 0, records.length, recordCount(batch, 0), keysRequired);
}

function levelOf(codec: number, levels: CompressionLevels): number | undefined {
  if (codec === CODEC.GZIP) return levels.gzip;
  if (codec === CODEC.LZ4) return levels.lz4;
  return codec === CODEC.ZSTD ? levels.zstd : undefined;
}

import {
  ATTRIBUTES,
  attributes,
  BATCH_HEADER_SIZE,
  baseOffset,
  baseSequence,
  CODEC_MASK,
  CONTROL_FLAG,
  crc,
  DELETE_HORIZON_FLAG,
  LOG_APPEND_TIME_FLAG,
  LOG_OVERHEAD,
  lastOffsetDelta,
  MAGIC,
  MAGIC_V2,
  magic,
  producerEpoch,
  producerId,
  recordCount,
  sizeInBytes,
  TRANSACTIONAL_FLAG,
} from './batch-layout.ts';
import { CODEC } from './codec-ids.ts';
import { crc32c } from './crc32c.ts';

/** Wire error codes of a refused batch; 0 accepts it. */
export const ACCEPTED = 0;
export const CORRUPT_MESSAGE = 2;
export const MESSAGE_TOO_LARGE = 10;
export const INVALID_TIMESTAMP = 32;
export const UNSUPPORTED_COMPRESSION_TYPE = 76;
export const INVALID_RECORD = 87;

const ZSTD_MIN_PRODUCE_VERSION = 7;
/** No message of any format, old ones included, is smaller than this. */
const LENGTH_MIN = 14;

/** Why the last batch that this thread refused was refused, for logs and error messages. */
export let rejectionReason = '';

function reject(code: number, reason: string): number {
  rejectionReason = reason;
  return code;
}

/**
 * All checks of a batch that a client produced, in Kafka's order: frame, size, CRC, content.
 * Answers 0 or the wire error code. The records themselves stay unread.
 */
export function validateProducedBatch(
  buf: Buffer,
  at: number,
  length: number,
  produceVersion: number,
  maxMessageBytes: number,
): number {
  const frame = validateBatchFrame(buf, at, length, produceVersion);
  if (frame !== ACCEPTED) return frame;
  if (length > maxMessageBytes) {
    return reject(MESSAGE_TOO_LARGE, 'the batch is larger than max.message.bytes');
  }
  if (!hasValidCrc(buf, at, length)) return reject(CORRUPT_MESSAGE, 'the CRC does not match');
  return validateBatchContent(buf, at);
}

/**
 * The bytes given are one batch of format v2, no more and no less. Reads no further than `length`
 * allows, so that this comes first.
 */
export function validateBatchFrame(
  buf: Buffer,
  at: number,
  length: number,
  produceVersion: number,
): number {
  if (length <= MAGIC) return reject(INVALID_RECORD, 'there must be one record batch');
  const size = sizeInBytes(buf, at);
  if (size < LOG_OVERHEAD + LENGTH_MIN) {
    return reject(CORRUPT_MESSAGE, 'the batch length is too small');
  }
  const format = magic(buf, at);
  if (format < 0 || format > MAGIC_V2) return reject(CORRUPT_MESSAGE, 'unknown magic');
  if (size > length) return reject(INVALID_RECORD, 'the record batch is incomplete');
  if (format !== MAGIC_V2) return reject(INVALID_RECORD, 'only batches of magic 2 are accepted');
  if (size < BATCH_HEADER_SIZE) return reject(CORRUPT_MESSAGE, 'the batch length is too small');
  const codec = attributes(buf, at) & CODEC_MASK;
  if (codec > CODEC.ZSTD) return reject(UNSUPPORTED_COMPRESSION_TYPE, 'unknown compression type');
  if (codec === CODEC.ZSTD && produceVersion < ZSTD_MIN_PRODUCE_VERSION) {
    return reject(UNSUPPORTED_COMPRESSION_TYPE, 'zstd needs Produce version 7 or later');
  }
  if (size < length) return reject(INVALID_RECORD, 'there must be exactly one record batch');
  return ACCEPTED;
}

/** The frame must have been checked. */
export function hasValidCrc(buf: Buffer, at: number, size: number): boolean {
  return crc32c(buf, at + ATTRIBUTES, at + size) === crc(buf, at);
}

/** The header holds only values that a client may send. The CRC must have been checked before. */
export function validateBatchContent(buf: Buffer, at: number): number {
  if (baseOffset(buf, at) !== 0) return reject(INVALID_RECORD, 'the base offset must be 0');
  const count = recordCount(buf, at);
  if (count <= 0) return reject(INVALID_RECORD, 'the batch has no records');
  if (lastOffsetDelta(buf, at) !== count - 1) {
    return reject(INVALID_RECORD, 'the last offset delta does not match the record count');
  }
  const flags = attributes(buf, at);
  if ((flags & CONTROL_FLAG) !== 0) {
    return reject(INVALID_RECORD, 'clients may not write control batches');
  }
  if ((flags & DELETE_HORIZON_FLAG) !== 0) {
    return reject(INVALID_RECORD, 'clients may not set a delete horizon');
  }
  const id = producerId(buf, at);
  if (id >= 0) {
    if (baseSequence(buf, at) < 0) return reject(INVALID_RECORD, 'the base sequence is negative');
    if (producerEpoch(buf, at) < 0) return reject(INVALID_RECORD, 'the producer epoch is negative');
    if (!Number.isSafeInteger(id)) return reject(INVALID_RECORD, 'the producer id is out of range');
  } else if ((flags & TRANSACTIONAL_FLAG) !== 0) {
    return reject(INVALID_RECORD, 'a transactional batch must carry a producer id');
  }
  if ((flags & LOG_APPEND_TIME_FLAG) !== 0) {
    return reject(INVALID_TIMESTAMP, 'producers may not set the type LogAppendTime');
  }
  return ACCEPTED;
}

import {
  ATTRIBUTES,
  BATCH_HEADER_SIZE,
  LOG_OVERHEAD,
  setAttributes,
  setBaseOffset,
  setBaseTimestamp,
  setBatchLength,
  setCrc,
  setLastOffsetDelta,
  setMagic,
  setMaxTimestamp,
  setPartitionLeaderEpoch,
  setProducer,
  setRecordCount,
  TRANSACTIONAL_FLAG,
} from '../../records/batch-layout.ts';
import { CODEC } from '../../records/codec-ids.ts';
import { compress } from '../../records/compression.ts';
import { crc32c } from '../../records/crc32c.ts';
import type { BatchOutcome } from './batch-outcome.ts';

const NO_SEQUENCE = -1;
const NO_TIMESTAMP = -1;

/**
 * Records of one partition, written where they will be sent: room for the batch header, then the
 * records one after the other.
 */
export class Batch {
  /** Batches of a partition are sent in this order. */
  readonly id: number;
  bytes: Buffer;
  /** Where the next record goes. */
  length = BATCH_HEADER_SIZE;
  /** Its length before compression, once it is closed. */
  rawLength = 0;
  count = 0;
  baseTimestamp = NO_TIMESTAMP;
  maxTimestamp = NO_TIMESTAMP;
  readonly outcome: BatchOutcome;
  readonly createdMs: number;
  readonly deadlineMs: number;
  /** What this batch counts for in `buffer.memory`. */
  heldBytes: number;
  attempts = 0;
  isInFlight = false;
  /** No more records; the header but for the producer is written. */
  isClosed = false;
  /** Its records are being compressed in another thread. It cannot be sent yet. */
  isPacking = false;
  producerId = -1;
  producerEpoch = -1;
  sequence = NO_SEQUENCE;
  codec: number = CODEC.NONE;
  isTransactional = false;

  constructor(
    id: number,
    bytes: Buffer,
    outcome: BatchOutcome,
    createdMs: number,
    deadlineMs: number,
  ) {
    this.id = id;
    this.bytes = bytes;
    this.heldBytes = bytes.length;
    this.outcome = outcome;
    this.createdMs = createdMs;
    this.deadlineMs = deadlineMs;
  }

  get hasSequence(): boolean {
    return this.sequence !== NO_SEQUENCE;
  }

  /** No more records. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.outcome.count = this.count;
    this.rawLength = this.length;
    this.#writeHeader();
  }

  /** The records as they were written, without room for the header. */
  get records(): Buffer {
    return this.bytes.subarray(BATCH_HEADER_SIZE, this.length);
  }

  /** Compresses the records of a closed batch into memory of their own. */
  pack(codec: number, level: number | undefined): void {
    const records = compress(codec, this.records, level);
    const packed = Buffer.allocUnsafeSlow(BATCH_HEADER_SIZE + records.length);
    packed.set(records, BATCH_HEADER_SIZE);
    this.takePacked(packed, codec);
  }

  /** `packed` has room for the header, and the compressed records behind it. */
  takePacked(packed: Buffer, codec: number): void {
    this.bytes = packed;
    this.length = packed.length;
    this.codec = codec;
    this.#writeHeader();
  }

  #writeHeader(): void {
    const { bytes } = this;
    setBaseOffset(bytes, 0, 0);
    setBatchLength(bytes, 0, this.length - LOG_OVERHEAD);
    setPartitionLeaderEpoch(bytes, 0, -1);
    setMagic(bytes, 0);
    setLastOffsetDelta(bytes, 0, this.count - 1);
    setBaseTimestamp(bytes, 0, this.baseTimestamp);
    setMaxTimestamp(bytes, 0, this.maxTimestamp);
    setRecordCount(bytes, 0, this.count);
  }

  /** The last that is written: by whom and with which sequence, and the checksum. */
  seal(producerId: number, producerEpoch: number, sequence: number): void {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.sequence = sequence;
    const { bytes } = this;
    setAttributes(bytes, 0, this.codec | (this.isTransactional ? TRANSACTIONAL_FLAG : 0));
    setProducer(bytes, 0, producerId, producerEpoch, sequence);
    setCrc(bytes, 0, crc32c(bytes, ATTRIBUTES, this.length));
  }
}

import { ERROR } from '../base/kafka-errors.ts';
import type { LogPosition } from '../base/log-position.ts';
import type { LogSettings } from '../base/log-settings.ts';
import { ReadLimits } from '../base/read-limits.ts';
import { OUTCOME, SEQUENCE } from '../log/outcome.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import {
  baseSequence,
  isTransactional,
  lastOffsetDelta,
  lastSequence,
  maxTimestamp,
  producerEpoch,
  producerId,
  setBaseOffset,
  setPartitionLeaderEpoch,
} from '../records/batch-layout.ts';
import { INVALID_RECORD, validateProducedBatch } from '../records/batch-validator.ts';
import { checkRecords } from '../records/record-walker.ts';
import { checkTimestamps, stampLogAppendTime } from '../records/timestamp-policy.ts';

const NO_OFFSET = -1;
const CREATE_TIME = -1;

/**
 * One partition on its worker's thread: the only writer of its log. An append is validated, checked
 * against the producer's sequence, stamped in place (base offset and leader epoch lie outside the
 * CRC) and copied to the log once. `appendedBaseOffset`, `appendTimeMs` and `requiredEnd` tell of
 * the last append.
 */
export class Partition {
  readonly slot: number;
  readonly log: PartitionLog;
  settings: LogSettings;
  leaderEpoch: number;
  offlineReason = '';
  /** The disk is nearly full: nothing new is written, retries are still answered. */
  spaceIsShort = false;
  readonly limits = new ReadLimits();
  appendedBaseOffset = NO_OFFSET;
  appendTimeMs = CREATE_TIME;
  /** The log end that covers the last append: acknowledged to acks=all when on disk. */
  requiredEnd = 0;

  constructor(slot: number, log: PartitionLog, settings: LogSettings) {
    this.slot = slot;
    this.log = log;
    this.settings = settings;
    this.leaderEpoch = log.leaderEpoch;
    this.raiseHighWatermark();
  }

  get logStartOffset(): number {
    return this.log.logStartOffset;
  }

  get logEndOffset(): number {
    return this.log.logEndOffset;
  }

  get logEnd(): LogPosition {
    return this.log.end;
  }

  get highWatermark(): number {
    return this.limits.highWatermark.offset;
  }

  /** 0, or the wire error code. The batch lies in the ring's memory and is stamped there. */
  append(memory: Buffer, at: number, length: number, version: number, wallMs: number): number {
    this.appendedBaseOffset = NO_OFFSET;
    this.appendTimeMs = CREATE_TIME;
    if (this.offlineReason !== '') return ERROR.KAFKA_STORAGE_ERROR;
    const refused = this.#validate(memory, at, length, version, wallMs);
    if (refused !== 0) return refused;
    const id = producerId(memory, at);
    if (id >= 0) return this.#appendOfProducer(memory, at, length, id, wallMs);
    return this.#write(memory, at, length, wallMs);
  }

  /** A batch of the broker's own making, such as a coordinator's records. */
  appendOwn(memory: Buffer, at: number, length: number, wallMs: number): number {
    this.appendedBaseOffset = NO_OFFSET;
    this.appendTimeMs = CREATE_TIME;
    if (this.offlineReason !== '') return ERROR.KAFKA_STORAGE_ERROR;
    return this.#write(memory, at, length, wallMs);
  }

  #validate(memory: Buffer, at: number, length: number, version: number, wallMs: number): number {
    const settings = this.settings;
    const invalid = validateProducedBatch(memory, at, length, version, settings.maxMessageBytes);
    if (invalid !== 0) return invalid;
    if (!checkRecords(memory, at, length, settings.compact)) return INVALID_RECORD;
    if (settings.logAppendTime) return 0;
    const { timestampBeforeMaxMs, timestampAfterMaxMs } = settings;
    return checkTimestamps(memory, at, wallMs, timestampBeforeMaxMs, timestampAfterMaxMs);
  }

  /** The sequence check and the append are one step of one thread: retries cannot slip between. */
  #appendOfProducer(
    memory: Buffer,
    at: number,
    length: number,
    id: number,
    wallMs: number,
  ): number {
    const producers = this.log.producers;
    const epoch = producerEpoch(memory, at);
    const first = baseSequence(memory, at);
    const last = lastSequence(memory, at);
    const verdict = producers.check(id, epoch, first, last);
    if (verdict === SEQUENCE.DUPLICATE) {
      this.appendedBaseOffset = producers.duplicateOffset;
      if (this.settings.logAppendTime) this.appendTimeMs = producers.duplicateTimestamp;
      this.requiredEnd = producers.duplicateOffset + lastOffsetDelta(memory, at) + 1;
      return 0;
    }
    if (verdict === SEQUENCE.OLD_EPOCH) return ERROR.INVALID_PRODUCER_EPOCH;
    if (isTransactional(memory, at) && !producers.hasOpenTransaction(id, epoch)) {
      return ERROR.INVALID_TXN_STATE;
    }
    if (verdict !== SEQUENCE.OK) return ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER;
    const error = this.#write(memory, at, length, wallMs);
    if (error === 0) {
      const base = this.appendedBaseOffset;
      const timestamp = maxTimestamp(memory, at);
      const lastOffset = this.requiredEnd - 1;
      producers.update(id, epoch, first, last, base, lastOffset, timestamp, wallMs);
    }
    return error;
  }

  #write(memory: Buffer, at: number, length: number, wallMs: number): number {
    if (this.spaceIsShort) return ERROR.KAFKA_STORAGE_ERROR;
    const log = this.log;
    if (this.settings.logAppendTime) {
      stampLogAppendTime(memory, at, wallMs);
      this.appendTimeMs = wallMs;
    }
    const base = log.logEndOffset;
    const last = base + lastOffsetDelta(memory, at);
    setBaseOffset(memory, at, base);
    setPartitionLeaderEpoch(memory, at, this.leaderEpoch);
    const outcome = log.append(memory, at, length, last, maxTimestamp(memory, at), wallMs);
    if (outcome !== OUTCOME.OK) return ERROR.KAFKA_STORAGE_ERROR;
    this.appendedBaseOffset = base;
    this.requiredEnd = last + 1;
    if (!this.settings.groupCommit) this.raiseHighWatermark();
    return 0;
  }

  /** Everything in the log may be read. */
  raiseHighWatermark(): void {
    this.limits.moveTo(this.log.end);
  }
}

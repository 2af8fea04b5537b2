import { MillraceError } from '../../base/errors.ts';
import type { CoordinatorShard } from '../../coordination/coordinator-shard.ts';
import { LogReader } from '../../log/log-reader.ts';
import { OUTCOME } from '../../log/outcome.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import {
  isControl,
  isTransactional,
  NO_PRODUCER_ID,
  producerId,
  wholeBatchSize,
} from '../../records/batch-layout.ts';
import { CONTROL_TYPE, controlType } from '../../records/control-record.ts';
import { RecordCursor } from '../../records/record-iterator.ts';

/** Replays the log of a coordinator's partition into a new shard, a bounded piece at a time. */
export class ShardLoader {
  readonly #shard: CoordinatorShard;
  readonly #reader: LogReader;
  readonly #cursor = new RecordCursor();
  readonly #end: number;
  #next: number;

  /** Nothing may be appended while it loads. */
  constructor(log: PartitionLog, shard: CoordinatorShard) {
    this.#shard = shard;
    this.#reader = new LogReader(log.directory);
    for (const { baseOffset, sizeBytes } of log.segments()) {
      this.#reader.addSegment(baseOffset, sizeBytes);
    }
    this.#reader.setEnd(log.end);
    this.#next = log.logStartOffset;
    this.#end = log.logEndOffset;
  }

  get isDone(): boolean {
    return this.#next >= this.#end;
  }

  /** Throws MILLRACE_CORRUPT or MILLRACE_STORAGE where the log cannot be read. */
  step(maxBytes: number): void {
    const reader = this.#reader;
    const outcome = reader.readToEnd(this.#next, maxBytes, true);
    if (outcome !== OUTCOME.OK) throw new MillraceError('MILLRACE_STORAGE', reader.failure);
    if (reader.length === 0) {
      this.#next = this.#end;
      return;
    }
    const { bytes, start } = reader;
    const end = start + reader.length;
    let at = start;
    while (at < end) {
      const size = wholeBatchSize(bytes, at, end);
      if (size <= 0) throw new MillraceError('MILLRACE_CORRUPT', `no batch at byte ${at}`);
      this.#replayBatch(bytes, at);
      at += size;
    }
    this.#next = reader.nextOffset;
  }

  #replayBatch(bytes: Buffer, at: number): void {
    const cursor = this.#cursor;
    const shard = this.#shard;
    const writer = isTransactional(bytes, at) ? producerId(bytes, at) : NO_PRODUCER_ID;
    cursor.open(bytes, at);
    if (isControl(bytes, at)) {
      if (cursor.next()) shard.endTransaction(writer, controlType(cursor) === CONTROL_TYPE.COMMIT);
      return;
    }
    while (cursor.next()) {
      const key = cursor.key();
      const value = cursor.value();
      // The shard keeps copies, because a view would keep the map of a whole segment alive.
      if (key === null) continue;
      shard.replay(Buffer.from(key), value === null ? null : Buffer.from(value), writer);
    }
  }
}

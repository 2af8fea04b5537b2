import { MillraceError } from '../../base/errors.ts';
import { decodeMessage } from '../../protocol/message-bytes.ts';
import type { KraftRecord } from '../../protocol/metadata-record-table.ts';
import { KRAFT_VERSION_RECORD, VOTERS_RECORD } from '../../protocol/schema/records-quorum.ts';
import { isControl, maxTimestamp } from '../../records/batch-layout.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import type { MetadataBatch } from './metadata-batch.ts';
import { decodeMetadataRecord } from './metadata-record.ts';
import type { MetadataPosition, PacedSink } from './metadata-sink.ts';

const CONTROL = { KRAFT_VERSION: 5, VOTERS: 6 } as const;
/** The front applies so many records between two looks at its sockets. */
const RECORDS_AT_ONCE = 500;

/**
 * From committed batches to records for the sink. The records of a metadata transaction are held
 * back until it ends; those of an aborted one are dropped.
 */
export class MetadataStream {
  readonly #sink: PacedSink;
  readonly #cursor = new RecordCursor();
  #pending: KraftRecord[] = [];
  /** The records of the open transaction, null where there is none. */
  #held: KraftRecord[] | null = null;
  #position: MetadataPosition = { offset: -1, epoch: 0, timestampMs: -1 };
  #shownOffset = -1;
  #hasRecords = false;

  constructor(sink: PacedSink) {
    this.#sink = sink;
  }

  /** Takes one batch of the log. The next one may come once it resolves. */
  async take(batch: MetadataBatch): Promise<void> {
    const epoch = batch.epoch;
    const timestampMs = maxTimestamp(batch.bytes, 0);
    const cursor = this.#cursor;
    cursor.open(batch.bytes, 0);
    if (isControl(batch.bytes, 0)) {
      while (cursor.next()) this.#takeControl();
    } else {
      while (cursor.next()) {
        const record = decodeMetadataRecord(cursor.value() ?? NOTHING, cursor.offset);
        const wasInTransaction = this.#held !== null;
        this.#takeRecord(record, cursor.offset);
        if (!wasInTransaction && this.#held !== null) {
          this.#position = { offset: cursor.offset - 1, epoch, timestampMs };
        }
        if (this.#pending.length >= RECORDS_AT_ONCE) await this.#handOver();
      }
    }
    if (this.#held === null) this.#position = { offset: batch.lastOffset, epoch, timestampMs };
  }

  /** Takes the batches of a whole snapshot, which holds everything up to this position. */
  async takeSnapshot(batches: readonly MetadataBatch[], position: MetadataPosition): Promise<void> {
    this.#pending = [];
    this.#held = null;
    this.#sink.onSnapshot();
    for (const batch of batches) await this.take(batch);
    if (this.#held !== null) throw corrupt(position.offset, 'a snapshot ends inside a transaction');
    this.#position = { ...this.#position, offset: position.offset, epoch: position.epoch };
    await this.#handOver();
  }

  /** Hands over what was taken. It is shown where `isCaughtUp`. */
  async flush(isCaughtUp: boolean): Promise<void> {
    await this.#handOver();
    const { offset } = this.#position;
    if (!isCaughtUp || !this.#hasRecords || offset === this.#shownOffset) return;
    this.#shownOffset = offset;
    this.#sink.onPosition(this.#position);
  }

  #takeRecord(record: KraftRecord, offset: number): void {
    switch (record.kind) {
      case 'beginTransaction':
        if (this.#held !== null) throw corrupt(offset, 'a transaction begins inside another');
        this.#held = [];
        break;
      case 'endTransaction':
        for (const held of this.#endOf(offset)) this.#pending.push(held);
        break;
      case 'abortTransaction':
        this.#endOf(offset);
        break;
      default:
        this.#hasRecords = true;
        if (this.#held === null) this.#pending.push(record);
        else this.#held.push(record);
    }
  }

  #endOf(offset: number): KraftRecord[] {
    const held = this.#held;
    if (held === null) throw corrupt(offset, 'a transaction ends that never began');
    this.#held = null;
    return held;
  }

  async #handOver(): Promise<void> {
    const records = this.#pending;
    this.#pending = [];
    for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
      await this.#sink.room();
      this.#sink.onRecords(records.slice(from, from + RECORDS_AT_ONCE));
    }
  }

  #takeControl(): void {
    const key = this.#cursor.key();
    const value = this.#cursor.value();
    if (key === null || key.length < 4 || value === null) return;
    const type = key.readInt16BE(2);
    if (type === CONTROL.KRAFT_VERSION) {
      const body = decodeMessage(KRAFT_VERSION_RECORD, 0, value);
      this.#sink.onQuorum({ kind: 'kraftVersion', body });
    } else if (type === CONTROL.VOTERS) {
      this.#sink.onQuorum({ kind: 'voters', body: decodeMessage(VOTERS_RECORD, 0, value) });
    }
  }
}

const NOTHING = Buffer.alloc(0);

function corrupt(offset: number, what: string): MillraceError {
  const message = `the metadata log at offset ${offset}: ${what}`;
  return new MillraceError('MILLRACE_CORRUPT', message);
}

import { partitionName } from '../../topic-partition.ts';
import type { FinishedOffsets } from '../offsets/finished-offsets.ts';
import type { OffsetRange } from '../offsets/finished-ranges.ts';
import { BatchReader, type BatchReaderOptions } from '../records/batch-reader.ts';
import type { RecordBatch } from '../records/record-batch.ts';

/** What a partition needs before it can be fetched. */
export const NEEDS = {
  /** Its committed offset. */
  COMMITTED: 'committed',
  /** An offset by the reset policy or by a time. */
  RESET: 'reset',
  /** A seek by the application: there is no offset for it. */
  SEEK: 'seek',
  NOTHING: 'nothing',
} as const;

export type Needs = (typeof NEEDS)[keyof typeof NEEDS];

interface Run<K, V> {
  readonly reader: BatchReader<K, V>;
  readonly bytes: number;
}

/**
 * An object of its own. The first commit, some seconds after the start, stores offsets where small
 * numbers were, and V8 then throws away the code that it has compiled for the object that holds
 * them: of a `PartitionState` that would be all of the way of a record.
 */
interface Commits {
  offset: number;
  metadata: string;
  left: number;
}

/** One assigned partition: where it is read, what is fetched of it, whether it is paused. */
export class PartitionState<K, V> {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  needs: Needs = NEEDS.COMMITTED;
  /** The time to ask ListOffsets for, while it needs a reset. */
  resetTo = 0;
  isPaused = false;
  isRevoked = false;
  highWatermark = -1;
  lastStableOffset = -1;
  logStartOffset = -1;
  /** The replica that the leader sends consumers of this rack to; -1 is the leader. */
  preferredReplica = -1;
  preferredUntilMs = 0;
  /** Not to be fetched before, after an error. */
  notBeforeMs = 0;
  /** Whether the application works on records of it. Only what is before `done` is left behind. */
  isInHand = false;
  done = -1;
  /** Keeps account where records finish in any order; null in loops. */
  tracker: FinishedOffsets | null = null;
  /** About to be given up: nothing more is begun. */
  isLeaving = false;
  /** What the commit that it began at says is finished beyond it. */
  finishedRanges: readonly OffsetRange[] = [];
  readonly #commits: Commits = { offset: -1, metadata: '', left: -1 };
  #position = -1;
  #positionEpoch = -1;
  #fetchOffset = -1;
  #fetchEpoch = -1;
  #turn = 0;
  #runs: Run<K, V>[] = [];
  #bufferedBytes = 0;
  #held: RecordBatch<K, V> | null = null;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
    this.name = partitionName(this);
  }

  /** What is committed as far as is known, so that nothing is committed twice. */
  get committed(): number {
    return this.#commits.offset;
  }

  set committed(offset: number) {
    this.#commits.offset = offset;
  }

  get committedMetadata(): string {
    return this.#commits.metadata;
  }

  set committedMetadata(metadata: string) {
    this.#commits.metadata = metadata;
  }

  /** What was left behind when the last commit was asked for; -1 after a seek. */
  get leftAtCommit(): number {
    return this.#commits.left;
  }

  set leftAtCommit(offset: number) {
    this.#commits.left = offset;
  }

  /** The offset that is handed out next; -1 while it is not known. */
  get position(): number {
    return this.#position;
  }

  /** Of the record before the position, -1 where it is not known. */
  get positionEpoch(): number {
    return this.#positionEpoch;
  }

  /** Where the next fetch begins: behind what is buffered. */
  get fetchOffset(): number {
    return this.#fetchOffset;
  }

  get fetchEpoch(): number {
    return this.#fetchEpoch;
  }

  /** Grows with each seek. The answer to a fetch that was sent before one is for another place. */
  get turn(): number {
    return this.#turn;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Whether the next batch was taken before and put back. */
  get hasHeld(): boolean {
    return this.#held !== null;
  }

  get hasBuffered(): boolean {
    return this.#runs.length > 0 || this.#held !== null;
  }

  /** The offset that may be committed: all before it was left behind. -1 where nothing was. */
  get committable(): number {
    if (this.tracker !== null) return this.tracker.committable;
    return this.isInHand ? this.done : this.#position;
  }

  /** What is finished beyond that, for the metadata of the commit. */
  get committableMetadata(): string {
    if (this.tracker !== null) return this.tracker.metadata();
    // What an earlier run finished stays said while nothing new is done.
    return this.committable === this.committed ? this.committedMetadata : '';
  }

  /** The end that this reader sees; -1 where it is not known. */
  end(readsCommitted: boolean): number {
    return readsCommitted ? this.lastStableOffset : this.highWatermark;
  }

  /** Records between the position and that end; -1 where it is not known. */
  lag(readsCommitted: boolean): number {
    const end = this.end(readsCommitted);
    return end < 0 || this.#position < 0 ? -1 : Math.max(end - this.#position, 0);
  }

  /** Goes on at this offset. What is buffered is forgotten. */
  seek(offset: number, epoch = -1): void {
    this.needs = NEEDS.NOTHING;
    this.#position = offset;
    this.#positionEpoch = epoch;
    this.#fetchOffset = offset;
    this.#fetchEpoch = epoch;
    this.#forget();
  }

  /** Goes on at the offset that ListOffsets has for this time. */
  resetAt(time: number): void {
    this.needs = NEEDS.RESET;
    this.resetTo = time;
    this.#position = -1;
    this.#fetchOffset = -1;
    this.#fetchEpoch = -1;
    this.#forget();
  }

  /** Takes what a fetch from `fetchOffset` brought, up to `end`. */
  push(
    bytes: Buffer,
    end: { readonly offset: number; readonly epoch: number },
    options: BatchReaderOptions<K, V>,
  ): void {
    const reader = new BatchReader(this, bytes, this.#fetchOffset, options);
    this.#runs.push({ reader, bytes: bytes.length });
    this.#bufferedBytes += bytes.length;
    this.#fetchOffset = end.offset;
    this.#fetchEpoch = end.epoch;
  }

  /** The next batch with records. Null where nothing is buffered. */
  take(): RecordBatch<K, V> | null {
    const held = this.#held;
    this.#held = null;
    if (held !== null) return held;
    for (let run = this.#runs[0]; run !== undefined; run = this.#runs[0]) {
      const batch = run.reader.next();
      if (batch !== null) return batch;
      // Control batches and aborted records at the end have nothing to hand out.
      this.handOut(run.reader.nextOffset, run.reader.leaderEpoch);
      this.#runs.shift();
      this.#bufferedBytes -= run.bytes;
    }
    return null;
  }

  /** Takes back what was taken and not handed out. */
  putBack(batch: RecordBatch<K, V>): void {
    this.#held = batch;
  }

  /** The application works on the records before this offset now. */
  handTo(nextOffset: number, epoch: number): void {
    if (!this.isInHand) this.done = this.#position;
    this.isInHand = true;
    this.handOut(nextOffset, epoch);
  }

  /** The application has left behind what it had. */
  leave(): void {
    this.isInHand = false;
  }

  /** The application has all records before this offset. */
  handOut(nextOffset: number, epoch: number): void {
    this.#position = nextOffset;
    this.#positionEpoch = epoch;
  }

  #forget(): void {
    this.#turn++;
    this.#runs = [];
    this.#held = null;
    this.#bufferedBytes = 0;
    this.isInHand = false;
    this.leftAtCommit = -1;
    this.tracker = null;
    this.finishedRanges = [];
    this.preferredReplica = -1;
    this.notBeforeMs = 0;
  }
}

import { isSystemError, MillraceError, reasonOf } from '../base/errors.ts';
import { LogPosition } from '../base/log-position.ts';
import { isPassingError } from '../base/passing-errors.ts';
import { LOG_SUFFIX, segmentPath } from '../log/file-names.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { readBytes } from '../log/storage.ts';
import { LeaderCopy } from './leader-copy.ts';
import type { Partition } from './partition.ts';

const sought = new LogPosition();

/**
 * A copy of a partition's log in another directory of the node. It follows the log as a replica
 * follows its leader. Every call throws where the copy cannot go on: a system error is of its disk.
 */
export class LogCopy {
  readonly #source: Partition;
  readonly #copy: Partition;
  readonly #writer: LeaderCopy;

  constructor(source: Partition, copy: Partition) {
    this.#source = source;
    this.#copy = copy;
    this.#writer = new LeaderCopy(copy);
  }

  get log(): PartitionLog {
    return this.#copy.log;
  }

  get sizeBytes(): number {
    return this.log.sizeBytes;
  }

  /** How many records it lacks. */
  get lag(): number {
    return this.#source.logEndOffset - this.log.logEndOffset;
  }

  /** The log was cut, has begun anew, or begins later now: so does its copy. */
  align(wallMs: number): void {
    const { log: source, leaderEpoch } = this.#source;
    const { log } = this;
    this.#copy.becomeFollower(leaderEpoch);
    if (log.logEndOffset < source.logStartOffset || log.logStartOffset > source.logEndOffset) {
      this.#check(this.#writer.startAnewAt(source.logStartOffset, wallMs));
    } else if (log.logEndOffset > source.logEndOffset) {
      this.#check(this.#writer.truncateTo(source.logEndOffset, wallMs));
    }
    if (log.logStartOffset < source.logStartOffset) {
      log.deleteRecordsBefore(source.logStartOffset, wallMs);
    }
  }

  /** Copies some of what it lacks: so many bytes or fewer, but a batch at least. */
  step(bytesMax: number, wallMs: number): void {
    this.align(wallMs);
    const before = this.log.logEndOffset;
    if (this.lag <= 0) return;
    for (let bytes = bytesMax; this.log.logEndOffset === before; bytes *= 2) {
      const records = this.#read(before, bytes);
      this.#check(this.#writer.append(records, 0, records.length, wallMs));
      const isAll = records.length < bytes;
      if (isAll && this.log.logEndOffset === before) {
        const { directory } = this.#source.log;
        throw new MillraceError('MILLRACE_CORRUPT', `${directory} has no batch at ${before}`);
      }
    }
  }

  /** The batches behind an offset, as far as they lie in one segment. */
  #read(offset: number, bytesMax: number): Buffer {
    const { log } = this.#source;
    try {
      log.findBatch(offset, sought);
      const { segmentBase, position } = sought;
      const segment = log.segments().find(({ baseOffset }) => baseOffset === segmentBase);
      const sizeBytes = segment?.sizeBytes ?? 0;
      const path = segmentPath(log.directory, segmentBase, LOG_SUFFIX);
      return readBytes(path, position, Math.min(bytesMax, sizeBytes - position));
    } catch (thrown) {
      if (!isSystemError(thrown) || isPassingError(thrown)) throw thrown;
      const reason = `${log.directory}: ${reasonOf(thrown)}`;
      log.fail(reason);
      throw new MillraceError('MILLRACE_STORAGE', reason, thrown);
    }
  }

  /** On the disk as a whole: the log may give way to it. */
  close(): void {
    if (!this.log.close(true)) this.#check(1);
  }

  #check(error: number): void {
    if (error === 0) return;
    const { directory, failure } = this.log;
    const why = failure === '' ? `error ${error}` : failure;
    throw new MillraceError('MILLRACE_STORAGE', `${directory} cannot be written: ${why}`);
  }
}

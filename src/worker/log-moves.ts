import { sep } from 'node:path';
import { isSystemError, MillraceError, reasonOf } from '../base/errors.ts';
import { ERROR } from '../base/kafka-errors.ts';
import type { Logger } from '../base/logger.ts';
import { isPassingError } from '../base/passing-errors.ts';
import type { ControlAnswer, ControlCommand, ControlRefusal } from '../exchange/control.ts';
import type { FrontProxy } from '../exchange/front-proxy.ts';
import { asideName } from '../log/aside-name.ts';
import { LogCopy } from '../partition/log-copy.ts';
import { Partition } from '../partition/partition.ts';
import type { HostedPartition, PartitionHost } from './partition-host.ts';

export interface MoveServices {
  readonly host: PartitionHost;
  readonly front: Pick<FrontProxy, 'event'>;
  /** Null where the log will not open. */
  open(slot: number): Partition | null;
  /** The front learns the state of the partition, and who waits for its high watermark. */
  moved(hosted: HostedPartition): void;
  wallMs(): number;
  readonly logger: Logger;
}

interface LogMove {
  readonly hosted: HostedPartition;
  readonly logDir: string;
  readonly copy: LogCopy;
  /** The front knows that the copy has caught up once. */
  isTold: boolean;
}

/** Copied at a time. It holds up what else the thread does for a millisecond or so. */
const SHARE_BYTES = 512 * 1024;
/** As little as is copied at a time where copies are slow. */
const SHARE_BYTES_MIN = 4096;
const MS_PER_SECOND = 1000;

const OK = { error: ERROR.NONE } as const;
const NO_PARTITION: ControlRefusal = {
  error: ERROR.KAFKA_STORAGE_ERROR,
  reason: 'the partition is not here, or offline',
};
const NO_COPY: ControlRefusal = {
  error: ERROR.KAFKA_STORAGE_ERROR,
  reason: 'there is no such copy',
};
const BUSY: ControlRefusal = {
  error: ERROR.KAFKA_STORAGE_ERROR,
  reason: 'a sync of the partition runs',
  passing: true,
};

/**
 * Moves logs to other directories of this node (KIP-113): a log is copied share by share while it
 * is served, and gives way to its copy once that is whole.
 */
export class LogMoves {
  readonly #services: MoveServices;
  readonly #moves = new Map<number, LogMove>();
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  /** Nothing is copied before that time: what was copied last used up the rate until then. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(services: MoveServices) {
    this.#services = services;
  }

  /** The bytes of a copy and how many records it lacks; null where there is none. */
  stateOf(slot: number): { logDir: string; sizeBytes: number; lag: number } | null {
    const move = this.#moves.get(slot);
    if (move === undefined) return null;
    const { sizeBytes, lag } = move.copy;
    return { logDir: move.logDir, sizeBytes, lag };
  }

  begin({ slot, logDir }: ControlCommand<'copy-begin'>): ControlAnswer<'copy-begin'> {
    const { host, open } = this.#services;
    const hosted = host.hosted(slot);
    const partition = hosted === undefined ? null : open(slot);
    if (hosted === undefined || partition === null || partition.offlineReason !== '') {
      return NO_PARTITION;
    }
    this.#drop(slot);
    try {
      const copy = this.#open(hosted, partition, logDir);
      this.#moves.set(slot, { hosted, logDir, copy, isTold: false });
      return OK;
    } catch (thrown) {
      // The disk of the copy failed, and the log is well.
      if (!isLogFailure(thrown)) throw thrown;
      return { error: ERROR.KAFKA_STORAGE_ERROR, reason: reasonOf(thrown) };
    }
  }

  #open(hosted: HostedPartition, partition: Partition, logDir: string): LogCopy {
    const { host, wallMs } = this.#services;
    const name = asideName(`${hosted.topic}-${hosted.index}`, 'future');
    const listener = { segmentAdded() {}, segmentRemoved() {}, failed() {} };
    const offsets = { logStartOffset: 0, recoveryPoint: 0 };
    const log = host.openLog(hosted, `${logDir}${sep}${name}`, offsets, listener);
    const copy = new LogCopy(partition, new Partition(hosted.slot, log, hosted.settings));
    copy.align(wallMs());
    return copy;
  }

  pace({ bytesPerSecond }: ControlCommand<'copy-pace'>): ControlAnswer<'copy-pace'> {
    this.#bytesPerSecond = bytesPerSecond;
    this.#dueMs = Number.NEGATIVE_INFINITY;
    return OK;
  }

  end({ slot }: ControlCommand<'copy-end'>): ControlAnswer<'copy-end'> {
    this.#drop(slot);
    return OK;
  }

  /** These partitions go, and their copies with them. */
  removed(slots: readonly number[]): void {
    for (const slot of slots) this.#drop(slot);
  }

  #drop(slot: number): void {
    const move = this.#moves.get(slot);
    if (move === undefined) return;
    this.#moves.delete(slot);
    try {
      move.copy.log.delete();
    } catch (thrown) {
      if (!isSystemError(thrown)) throw thrown;
      // The next start removes it.
      const { directory } = move.copy.log;
      this.#services.logger.warn(`${directory} cannot be removed: ${reasonOf(thrown)}`);
    }
  }

  /** The worker stops: the next start copies anew. */
  close(): void {
    for (const { copy } of this.#moves.values()) copy.log.close(false);
    this.#moves.clear();
  }

  /** What lies in that directory is not touched any more, and what was copied from it stays. */
  lost(logDir: string): void {
    for (const [slot, { hosted, copy, logDir: target }] of this.#moves) {
      if (target !== logDir && !hosted.isLost) continue;
      this.#moves.delete(slot);
      copy.log.close(false);
    }
  }

  /** The log was cut. What its copy has behind the end is not of the same history. */
  cut(slot: number): void {
    const move = this.#moves.get(slot);
    if (move !== undefined) this.#try(slot, move, () => move.copy.align(this.#services.wallMs()));
  }

  /** The log gives way to its copy, which is on the disk as a whole then. */
  finish({ slot }: ControlCommand<'copy-finish'>): ControlAnswer<'copy-finish'> {
    const { host, moved, wallMs } = this.#services;
    const move = this.#moves.get(slot);
    const partition = move?.hosted.partition ?? null;
    if (move === undefined || partition === null || partition.offlineReason !== '') return NO_COPY;
    const { hosted, copy, logDir } = move;
    if (hosted.flush?.isSyncing === true || hosted.commit?.isSyncing === true) return BUSY;
    const isWhole = this.#try(slot, move, () => {
      while (copy.lag > 0) copy.step(SHARE_BYTES, wallMs());
      copy.close();
    });
    if (!isWhole) return this.#moves.has(slot) ? BUSY : NO_COPY;
    this.#moves.delete(slot);
    host.replaceLog(hosted, copy, logDir);
    moved(hosted);
    return OK;
  }

  /** Copies a share of each. Answers for how long nothing is due. */
  runTimers(nowMs: number): number {
    let idleMs = Number.POSITIVE_INFINITY;
    for (const [slot, move] of this.#moves) {
      const { copy, hosted } = move;
      if (hosted.partition === null || hosted.partition.offlineReason !== '') continue;
      // It waits until there is room again.
      if (this.#services.host.spaces.of(move.logDir).isShort) continue;
      if (copy.lag > 0) this.#step(slot, move, nowMs);
      if (copy.lag > 0) idleMs = Math.max(0, this.#dueMs - nowMs);
      else if (!move.isTold) {
        move.isTold = true;
        const { directory } = copy.log;
        this.#services.front.event({ kind: 'copy-caught-up', slot, directory });
      }
    }
    return idleMs;
  }

  /** Copies a share, where the rate lets it. */
  #step(slot: number, move: LogMove, nowMs: number): void {
    if (nowMs < this.#dueMs || this.#bytesPerSecond === 0) return;
    const { copy } = move;
    const shareBytes = Math.min(SHARE_BYTES, Math.max(SHARE_BYTES_MIN, this.#bytesPerSecond));
    const before = copy.sizeBytes;
    this.#try(slot, move, () => copy.step(shareBytes, this.#services.wallMs()));
    const bytes = Math.max(0, copy.sizeBytes - before);
    this.#dueMs = nowMs + (bytes / this.#bytesPerSecond) * MS_PER_SECOND;
  }

  /** False where it failed. A copy that cannot go on is given up; what passes is tried again. */
  #try(slot: number, move: LogMove, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (thrown) {
      if (isPassingError(thrown)) return false;
      if (!isLogFailure(thrown)) throw thrown;
      this.#moves.delete(slot);
      const { log } = move.copy;
      log.close(false);
      const isOfDisk = isSystemError(thrown) || log.failure !== '';
      const reason = log.failure || reasonOf(thrown);
      this.#services.front.event({ kind: 'copy-failed', slot, reason, isOfDisk });
      return false;
    }
  }
}

/** A log's files failed, or are damaged. */
function isLogFailure(thrown: unknown): boolean {
  if (isSystemError(thrown)) return true;
  if (!(thrown instanceof MillraceError)) return false;
  return thrown.code === 'MILLRACE_STORAGE' || thrown.code === 'MILLRACE_CORRUPT';
}

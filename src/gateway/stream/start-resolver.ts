import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { CommandError } from '../command/command-error.ts';
import { lastRecords } from './last-records.ts';
import type { Gap, GapReason, Position } from './position.ts';
import { partitionKey, type StartPoint } from './start-point.ts';

type Needed = Services<'loader' | 'workers' | 'times'>;

/** Where delivery begins in one partition, and what of the request is lost. */
export interface Start {
  readonly mirror: PartitionMirror;
  readonly offset: number;
  readonly epoch: number;
  readonly gap: Gap | null;
}

/** A start point that decides for each partition alone. */
type PartitionStart = Exclude<StartPoint, { readonly kind: 'last' }>;

/** Turns start points into offsets. It opens the logs that are not open yet. */
export class StartResolver {
  readonly #front: Needed;

  constructor(front: Needed) {
    this.#front = front;
  }

  resolve(
    mirrors: readonly PartitionMirror[],
    point: StartPoint,
    readsCommitted: boolean,
  ): Promise<Start[]> {
    if (point.kind === 'last') return this.#startAtLast(mirrors, point.count, readsCommitted);
    return Promise.all(mirrors.map((mirror) => this.#start(mirror, point, readsCommitted)));
  }

  async #startAtLast(
    mirrors: readonly PartitionMirror[],
    count: number,
    readsCommitted: boolean,
  ): Promise<Start[]> {
    const ends = await this.resolve(mirrors, { kind: 'latest' }, readsCommitted);
    const lengths = ends.map(({ mirror, offset }) => offset - mirror.logStartOffset);
    const shares = lastRecords(lengths, count);
    return ends.map(({ mirror, offset }, i) => startAt(mirror, offset - shares[i]!));
  }

  async #start(
    mirror: PartitionMirror,
    point: PartitionStart,
    readsCommitted: boolean,
  ): Promise<Start> {
    // The end of the log counts from the time of the command, not from when the files are open:
    // what the same client produces next must come.
    const latest = point.kind === 'latest' ? this.#latestOf(mirror, readsCommitted) : null;
    await this.#front.loader.load(mirror);
    if (mirror.reader === null) {
      const reason = mirror.offlineReason || mirror.loadFailure || 'it cannot be opened';
      throw new CommandError('unavailable', `${mirror.topic}-${mirror.index}: ${reason}`);
    }
    switch (point.kind) {
      case 'earliest':
        return startAt(mirror, mirror.logStartOffset);
      case 'latest':
        return startAt(mirror, (await latest) ?? mirror.endFor(readsCommitted));
      case 'offset':
        return withinLog(mirror, point.offset);
      case 'offsets': {
        const offset = point.offsets.get(partitionKey(mirror.topic, mirror.index));
        return offset === undefined
          ? startAt(mirror, mirror.logStartOffset)
          : withinLog(mirror, offset);
      }
      case 'time':
        return this.#startAtTime(mirror, point.timeMs, readsCommitted);
      case 'positions': {
        const at = point.positions.get(partitionKey(mirror.topic, mirror.index));
        return at === undefined ? startAt(mirror, mirror.logStartOffset) : this.#resume(mirror, at);
      }
    }
  }

  /** The worker answers commands in their order, so a later append is not counted. */
  async #latestOf(mirror: PartitionMirror, readsCommitted: boolean): Promise<number | undefined> {
    const { known, worker, slot } = mirror;
    if (known) return mirror.endFor(readsCommitted);
    const answer = await this.#front.workers.control(worker, { kind: 'load', slot });
    if (answer.error !== 0) return undefined;
    const { highWatermark, lastStable } = answer.state.limits;
    return readsCommitted ? lastStable.offset : highWatermark.offset;
  }

  async #startAtTime(
    mirror: PartitionMirror,
    timestampMs: number,
    readsCommitted: boolean,
  ): Promise<Start> {
    const answer = await this.#front.times.find(mirror, timestampMs);
    if (answer.error !== 0) throw unavailable(mirror, answer.reason);
    const { found } = answer;
    const end = mirror.endFor(readsCommitted);
    return startAt(mirror, found === null ? end : Math.min(found.offset, end));
  }

  /** Resumes at a position if the log is still the one that was read. */
  async #resume(mirror: PartitionMirror, at: Position): Promise<Start> {
    if (at.topicId !== '' && at.topicId !== mirror.topicId) {
      return startAt(mirror, mirror.logStartOffset, 'recreated', at.offset, mirror.logStartOffset);
    }
    const end = await this.#endOfEpoch(mirror, at);
    const { logStartOffset } = mirror;
    if (end < at.offset) {
      return startAt(mirror, Math.max(end, logStartOffset), 'truncation', end, at.offset);
    }
    if (at.offset < logStartOffset) {
      return startAt(mirror, logStartOffset, 'retention', at.offset, logStartOffset);
    }
    return { mirror, offset: at.offset, epoch: at.epoch, gap: null };
  }

  /** The offset up to which the log still has what the client read under its epoch. */
  async #endOfEpoch(mirror: PartitionMirror, at: Position): Promise<number> {
    if (at.epoch < 0 || at.epoch >= mirror.leaderEpoch) return mirror.logEndOffset;
    const { worker, slot } = mirror;
    const command = { kind: 'end-of-epoch', slot, leaderEpoch: at.epoch } as const;
    const answer = await this.#front.workers.control(worker, command);
    if (answer.error !== 0) throw unavailable(mirror, answer.reason);
    const { offset } = answer;
    return offset < 0 ? mirror.logEndOffset : offset;
  }
}

function unavailable(mirror: PartitionMirror, reason: string): CommandError {
  return new CommandError('unavailable', `${mirror.topic}-${mirror.index}: ${reason}`);
}

function withinLog(mirror: PartitionMirror, offset: number): Start {
  const { logStartOffset, highWatermark } = mirror;
  if (offset < logStartOffset) {
    return startAt(mirror, logStartOffset, 'offset', offset, logStartOffset);
  }
  if (offset > highWatermark)
    return startAt(mirror, highWatermark, 'offset', offset, highWatermark);
  return startAt(mirror, offset);
}

function startAt(
  mirror: PartitionMirror,
  offset: number,
  reason?: GapReason,
  from = 0,
  to = 0,
): Start {
  const { topic, index } = mirror;
  const gap = reason === undefined ? null : { topic, partition: index, from, to, reason };
  return { mirror, offset, epoch: -1, gap };
}

import type { ControlAnswer, FoundRecord } from '../../exchange/control.ts';
import { OUTCOME } from '../../log/outcome.ts';
import { baseOffset, lastOffset } from '../../records/batch-layout.ts';
import type { HelperPool } from './helper-pool.ts';
import type { PartitionLoader } from './partition-loader.ts';
import type { PartitionMirror } from './partition-mirror.ts';
import type { Workers } from './workers.ts';

/** The record is null where there is none. */
export type TimeAnswer = ControlAnswer<'offset-for-time'>;

/** A batch that grows past this is not opened, nor is any batch behind this many of one search. */
const OPENED_BYTES_MAX = 4 * 1024 * 1024;
const SEARCHED_BATCHES_MAX = 16;
/** This many run at once in the helper pool, which has other work too. */
const OPENINGS_MAX = 2;

/**
 * Finds records by time. The owner of a partition finds the batch, and the record where that is
 * quick. A thread of the helper pool looks through batches that are large or open to much.
 */
export class TimeSearch {
  readonly #workers: Workers;
  readonly #loader: PartitionLoader;
  readonly #helpers: HelperPool;
  readonly #waiting: (() => void)[] = [];
  #openCount = 0;

  constructor(workers: Workers, loader: PartitionLoader, helpers: HelperPool) {
    this.#workers = workers;
    this.#loader = loader;
    this.#helpers = helpers;
  }

  /** The first record that is not older. */
  async find(mirror: PartitionMirror, timestampMs: number): Promise<TimeAnswer> {
    return this.#lookInto(mirror, timestampMs, await this.#ask(mirror, timestampMs, 0));
  }

  /** The first record with the largest timestamp. */
  async findNewest(mirror: PartitionMirror): Promise<TimeAnswer> {
    const { worker, slot } = mirror;
    const answer = await this.#workers.control(worker, { kind: 'offset-of-max-time', slot });
    const timestampMs = foundIn(answer)?.timestampMs ?? 0;
    return this.#lookInto(mirror, timestampMs, answer);
  }

  #ask(mirror: PartitionMirror, timestampMs: number, fromOffset: number): Promise<TimeAnswer> {
    const { worker, slot } = mirror;
    const command = { kind: 'offset-for-time', slot, timestampMs, fromOffset } as const;
    return this.#workers.control(worker, command);
  }

  async #lookInto(
    mirror: PartitionMirror,
    timestampMs: number,
    first: TimeAnswer,
  ): Promise<TimeAnswer> {
    let answer = first;
    for (let left = SEARCHED_BATCHES_MAX; left > 0; left--) {
      const record = foundIn(answer);
      if (record?.isBatch !== true) break;
      const minOffset = record.offset;
      await this.#turn();
      try {
        await this.#loader.load(mirror);
        const batch = batchAt(mirror, minOffset);
        if (batch === null) return answer;
        const fromOffset = lastOffset(batch, 0) + 1;
        const openedBytesMax = OPENED_BYTES_MAX;
        const task = { batch, timestampMs, minOffset, openedBytesMax };
        const found = await this.#helpers.findByTime(task);
        if (found !== null) return { error: 0, found };
        answer = await this.#ask(mirror, timestampMs, fromOffset);
      } finally {
        this.#openCount--;
        this.#waiting.shift()?.();
      }
    }
    return answer;
  }

  /** Searches that wait hold no copy of a batch. */
  async #turn(): Promise<void> {
    while (this.#openCount >= OPENINGS_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#openCount++;
  }
}

function foundIn(answer: TimeAnswer): FoundRecord | null {
  return answer.error === 0 ? answer.found : null;
}

/** A copy of the batch that holds an offset; null where no consumer may read it, or nobody can. */
function batchAt(mirror: PartitionMirror, offset: number): Buffer | null {
  const { reader } = mirror;
  if (reader === null || offset >= mirror.highWatermark) return null;
  if (reader.readTouched(offset, 1, true) !== OUTCOME.OK || reader.length === 0) return null;
  const { bytes, start, length } = reader;
  const batch = Buffer.allocUnsafeSlow(length);
  bytes.copy(batch, 0, start, start + length);
  return baseOffset(batch, 0) <= offset && offset <= lastOffset(batch, 0) ? batch : null;
}

import { join } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import { readCheckpointLines, writeCheckpointLines } from './checkpoints.ts';

const FILE = 'leader-epoch-checkpoint';

/**
 * Where each leader epoch of a partition starts. A follower or consumer that holds records of an
 * epoch asks where that epoch ended. The answer tells it whether its tail was lost in a crash.
 */
export class LeaderEpochs {
  readonly #path: string;
  #epochs: number[] = [];
  #startOffsets: number[] = [];
  /** The file lacks an epoch that assign() added. */
  isUnsaved = false;
  /** How many epochs the file has. */
  #savedCount = 0;
  /** The epoch and end offset that the last endOffsetFor() found. */
  foundEpoch = -1;
  foundEndOffset = -1;

  constructor(directory: string) {
    this.#path = join(directory, FILE);
  }

  load(): void {
    for (const line of readCheckpointLines(this.#path) ?? []) {
      const [epoch, startOffset] = line.split(' ').map(Number);
      if (!Number.isInteger(epoch) || !Number.isSafeInteger(startOffset)) {
        throw new MillraceError('MILLRACE_CORRUPT', `${this.#path} has the line '${line}'`);
      }
      this.#epochs.push(epoch!);
      this.#startOffsets.push(startOffset!);
    }
    this.#savedCount = this.count;
  }

  get first(): number {
    return this.#epochs[0] ?? -1;
  }

  get latest(): number {
    return this.#epochs.at(-1) ?? -1;
  }

  get count(): number {
    return this.#epochs.length;
  }

  /**
   * Starts an epoch at an offset. An epoch that is not above the latest changes nothing. save()
   * must write it before the first batch of that epoch.
   */
  assign(epoch: number, startOffset: number): void {
    if (epoch <= this.latest) return;
    // An epoch that starts where an earlier one did takes its place: that one has no records.
    while (this.#startOffsets.length > 0 && this.#startOffsets.at(-1)! >= startOffset) {
      this.#epochs.pop();
      this.#startOffsets.pop();
    }
    this.#epochs.push(epoch);
    this.#startOffsets.push(startOffset);
    this.isUnsaved = true;
  }

  /** Forgets epochs that start at or above a log end that was cut back. */
  truncateFrom(endOffset: number): void {
    const before = this.#epochs.length;
    while (this.#startOffsets.length > 0 && this.#startOffsets.at(-1)! >= endOffset) {
      this.#epochs.pop();
      this.#startOffsets.pop();
    }
    if (this.#epochs.length !== before) this.save();
  }

  /** Forgets epochs that ended below the log start; the one that covers it then starts there. */
  truncateTo(startOffset: number): void {
    let covering = -1;
    for (let i = 0; i < this.#startOffsets.length; i++) {
      if (this.#startOffsets[i]! <= startOffset) covering = i;
    }
    if (covering < 0 || (covering === 0 && this.#startOffsets[0] === startOffset)) return;
    this.#epochs = this.#epochs.slice(covering);
    this.#startOffsets = this.#startOffsets.slice(covering);
    this.#startOffsets[0] = startOffset;
    this.save();
  }

  /** Sets the largest epoch not above `epoch` and where it ends; -1 and -1 if that is unknown. */
  endOffsetFor(epoch: number, logEndOffset: number): void {
    const epochs = this.#epochs;
    this.foundEpoch = -1;
    this.foundEndOffset = -1;
    if (epochs.length === 0 || epoch < 0 || epoch > this.latest) return;
    let next = 0;
    while (next < epochs.length && epochs[next]! <= epoch) next++;
    this.foundEpoch = next === 0 ? epoch : epochs[next - 1]!;
    this.foundEndOffset = next === epochs.length ? logEndOffset : this.#startOffsets[next]!;
  }

  save(): void {
    const lines = this.#epochs.map((epoch, i) => `${epoch} ${this.#startOffsets[i]}`);
    // An opening reads a single epoch from the batches again. A power loss must not take more.
    writeCheckpointLines(this.#path, lines, Math.max(lines.length, this.#savedCount) > 1);
    this.#savedCount = lines.length;
    this.isUnsaved = false;
  }
}

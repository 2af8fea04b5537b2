import { canBeRead } from '../../log/map-faults.ts';
import type { PartitionMirror } from './partition-mirror.ts';
import type { Partitions } from './partitions.ts';

/** Tells the owner of a partition to take no appends any more. */
export type TakeOffline = (mirror: PartitionMirror, reason: string) => void;

/** Asks the owner of a partition to check its files. Where some are missing it goes offline. */
export type CheckFiles = (mirror: PartitionMirror) => void;

/**
 * Takes a partition offline where the disk does not give what is stored. Only a restart finds out
 * what the disk holds now.
 */
export class LostFiles {
  readonly #partitions: Partitions;
  readonly #takeOffline: TakeOffline;
  readonly #checkFiles: CheckFiles;

  constructor(partitions: Partitions, takeOffline: TakeOffline, checkFiles: CheckFiles) {
    this.#partitions = partitions;
    this.#takeOffline = takeOffline;
    this.#checkFiles = checkFiles;
  }

  /** A read failed. True where a lost page was the reason, and then the partition is offline. */
  look(mirror: PartitionMirror): boolean {
    const { reader } = mirror;
    if (reader === null) return false;
    if (reader.missesFile) {
      reader.missesFile = false;
      this.#checkFiles(mirror);
    }
    if (reader.isWhole()) return false;
    if (mirror.offlineReason === '') {
      this.#partitions.setOffline(mirror, reader.failure);
      this.#takeOffline(mirror, reader.failure);
    }
    return true;
  }

  /**
   * Whether slices of maps can be copied. Where they cannot, the partitions with lost pages go
   * offline. A socket that could not send slices asks it to find out why.
   */
  canBeSent(chunks: readonly Buffer[]): boolean {
    if (canBeRead(chunks)) return true;
    for (const topic of this.#partitions.topics()) {
      for (const mirror of topic.held) this.look(mirror);
    }
    return false;
  }
}

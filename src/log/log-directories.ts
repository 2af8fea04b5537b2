import { join, resolve } from 'node:path';
import { isSystemError, MillraceError, reasonOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { isPassingError } from '../base/passing-errors.ts';
import { asideName } from './aside-name.ts';
import type { DirectoryCheckpoints, NamedCheckpoint } from './data-directory.ts';
import { LogDirectory } from './log-directory.ts';
import { type DeletedTopic, removePartitionDirectory } from './partition-removal.ts';
import { listDirectory, storage } from './storage.ts';
import { isPartitionName } from './stray-partitions.ts';

/** Kafka's id for a directory that is not chosen yet. */
const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';
const NO_EPOCH = -1;
/** Kafka's name of the directory of a log that is being copied. */
const COPY = /^(.+-\d+)\.[0-9a-f]{32}-future$/;

interface FoundCopy {
  readonly name: string;
  /** As it is named in the directory. */
  readonly entry: string;
  readonly directory: LogDirectory;
}

/**
 * The directories that a broker keeps its partitions in, each of them with checkpoints and marks of
 * its own. A partition lies in one of them. What lies in a lost one is out of reach until the next
 * start.
 */
export class LogDirectories {
  /** In the order of `log.dirs`. */
  readonly all: readonly LogDirectory[];
  /** Called where one is lost while the broker runs. */
  onLost: ((directory: LogDirectory) => void) | null = null;
  readonly #logger: Logger;
  /** Where clients want partitions that are nowhere yet, by `topic-partition`. */
  readonly #preferred = new Map<string, string>();
  /** Log directories that partitions were being copied to when the last run ended, by partition. */
  readonly interrupted = new Map<string, string>();
  #checkpoints: DirectoryCheckpoints | null = null;

  /** Locks them. Throws where none can be used, or where one may not be. */
  static open(paths: readonly string[], logger: Logger): LogDirectories {
    const opened: LogDirectory[] = [];
    try {
      for (const path of paths) opened.push(LogDirectory.open(resolve(path), logger));
      if (opened.every(({ isLost }) => isLost)) {
        const reasons = opened.map(({ failure }) => failure).join('; ');
        throw new MillraceError('MILLRACE_DATA_DIR', reasons);
      }
    } catch (thrown) {
      for (const directory of opened) directory.release();
      throw thrown;
    }
    for (const directory of opened) if (directory.isLost) logLoss(directory, logger);
    return new LogDirectories(opened, logger);
  }

  private constructor(all: readonly LogDirectory[], logger: Logger) {
    this.all = all;
    this.#logger = logger;
  }

  /** Those that are not lost. */
  get live(): readonly LogDirectory[] {
    return this.all.filter(({ isLost }) => !isLost);
  }

  /** The first one, where a node that decides alone has its metadata, too. */
  get path(): string {
    return this.all[0]!.path;
  }

  at(path: string): LogDirectory | undefined {
    return this.all.find((directory) => directory.path === path);
  }

  /** Its disk failed. Nothing in it is touched until the next start. */
  lose(directory: LogDirectory, reason: string): void {
    if (directory.isLost) return;
    directory.failure = reason;
    logLoss(directory, this.#logger);
    if (this.onLost !== null) this.onLost(directory);
    else if (this.live.length === 0) {
      throw new MillraceError('MILLRACE_DATA_DIR', 'all log directories are lost');
    }
  }

  /** Does it with each that is not lost. One whose disk fails at it is lost by that. */
  forEachLive(work: (directory: LogDirectory) => void): void {
    const failures: unknown[] = [];
    for (const directory of this.live) {
      try {
        work(directory);
      } catch (thrown) {
        if (!this.#loseFor(directory, thrown)) failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The same of work that goes on beside the event loop, on all disks at once. */
  async #onEachLive(work: (directory: LogDirectory) => Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    const works = this.live.map(async (directory) => {
      try {
        await work(directory);
      } catch (thrown) {
        if (!this.#loseFor(directory, thrown)) failures.push(thrown);
      }
    });
    await Promise.all(works);
    if (failures.length > 0) throw failures[0];
  }

  /** Whether what was thrown means the loss of the directory, which others do without. */
  #loseFor(directory: LogDirectory, thrown: unknown): boolean {
    const isLoss = isSystemError(thrown) && !isPassingError(thrown) && this.all.length > 1;
    if (isLoss) this.lose(directory, reasonOf(thrown));
    return isLoss;
  }

  /**
   * At the start, before partitions are placed: looks which partition lies where. `assigned` tells
   * the id of the directory that the controllers know for one of this node. Of two
   * directories with one partition that one counts; without it nobody knows, and it throws.
   */
  findPartitions(assigned: (name: string) => string | undefined): void {
    if (this.all.length === 1) return;
    const found = new Map<string, LogDirectory>();
    const copies: FoundCopy[] = [];
    this.forEachLive((directory) => {
      for (const entry of listDirectory(directory.path)) {
        const name = COPY.exec(entry)?.[1];
        if (name !== undefined) copies.push({ name, entry, directory });
        if (isPartitionName(entry)) addFound(found, entry, directory, assigned(entry));
      }
    });
    for (const copy of copies) this.#takeCopy(copy, found, assigned(copy.name));
    for (const [name, { partitions }] of found) partitions.add(name);
  }

  /**
   * A copy of a log was made when the last run ended. It takes the place of a log that is not there
   * any more, if the controllers know the replica in its directory; they do once it is whole. Where
   * the log is there it is copied anew.
   */
  #takeCopy(
    { name, entry, directory }: FoundCopy,
    found: Map<string, LogDirectory>,
    assigned: string | undefined,
  ): void {
    const path = join(directory.path, entry);
    if (found.has(name)) {
      removePartitionDirectory(path);
      this.interrupted.set(name, directory.path);
    } else if (assigned === undefined) {
      removePartitionDirectory(path);
    } else if (assigned === directory.id) {
      storage.rename(path, join(directory.path, name));
      found.set(name, directory);
    }
  }

  /**
   * The directory of `topic-partition`: where it lies, or else where it is to be made. `assigned`
   * is the id that the controllers know for it. Null where it may lie in a lost one.
   */
  place(name: string, assigned = UNASSIGNED): string | null {
    if (this.all.length === 1) return this.path;
    const known = this.all.find(({ partitions }) => partitions.has(name));
    if (known !== undefined) return known.isLost ? null : known.path;
    const chosen = this.#choose(name, assigned);
    chosen?.partitions.add(name);
    return chosen?.path ?? null;
  }

  /** As Kafka's brokers choose: what is asked for, or else the one with the fewest partitions. */
  #choose(name: string, assigned: string): LogDirectory | null {
    const { live } = this;
    const preferred = this.#preferred.get(name);
    this.#preferred.delete(name);
    const wanted =
      live.find(({ path }) => path === preferred) ?? live.find(({ id }) => id === assigned);
    if (wanted !== undefined) return wanted;
    if (live.length < this.all.length && assigned !== UNASSIGNED) return null;
    const fewest = Math.min(...live.map(({ partitions }) => partitions.size));
    return live.find(({ partitions }) => partitions.size === fewest) ?? null;
  }

  /** A partition that comes to this node goes into that directory. */
  prefer(name: string, path: string): void {
    this.#preferred.set(name, path);
  }

  /** The partition lies there now. */
  moved(name: string, path: string): void {
    this.remove(name);
    this.at(path)!.partitions.add(name);
  }

  /** The node holds the partition no more: one of the same name starts anew, at 0. */
  remove(name: string): void {
    for (const { data, partitions } of this.all) {
      partitions.delete(name);
      data?.forgetCheckpoint(name);
    }
  }

  /** Offsets of the last run: of each partition those of the directory that it lies in. */
  get checkpoints(): DirectoryCheckpoints {
    this.#checkpoints ??= this.#readCheckpoints();
    return this.#checkpoints;
  }

  #readCheckpoints(): DirectoryCheckpoints {
    if (this.all.length === 1) return this.all[0]!.data!.checkpoints;
    const merged = {
      logStartOffsets: new Map<string, number>(),
      recoveryPoints: new Map<string, number>(),
      highWatermarks: new Map<string, number>(),
    };
    for (const { data, partitions } of this.live) {
      const { checkpoints } = data!;
      for (const name of partitions) {
        copyEntry(name, checkpoints.logStartOffsets, merged.logStartOffsets);
        copyEntry(name, checkpoints.recoveryPoints, merged.recoveryPoints);
        copyEntry(name, checkpoints.highWatermarks, merged.highWatermarks);
      }
    }
    // What has just been added holds nothing that a crash could have harmed.
    const wasClean = this.live.every(({ data }) => data!.isFresh || data!.checkpoints.wasClean);
    return { ...merged, wasClean, cleanEpoch: this.cleanEpoch };
  }

  /** Of the registration that all directories were left in by a clean stop; otherwise -1. */
  get cleanEpoch(): number {
    const epochs = this.all.map(({ data }) => data?.checkpoints.cleanEpoch ?? NO_EPOCH);
    return epochs.every((epoch) => epoch === epochs[0]) ? epochs[0]! : NO_EPOCH;
  }

  requirePartitions(names: Iterable<string>): void {
    const all = [...names];
    for (const { data } of this.live) data!.requirePartitions(all);
  }

  finishDeletions(deleted: Iterable<DeletedTopic>, isNameTaken: (name: string) => boolean): void {
    const all = [...deleted];
    for (const { data } of this.live) data!.finishDeletions(all, isNameTaken);
  }

  markRunning(): void {
    this.forEachLive(({ data }) => data!.markRunning());
  }

  markClean(brokerEpoch?: number): void {
    this.forEachLive(({ data }) => data!.markClean(brokerEpoch));
  }

  forgetCheckpoint(name: string): void {
    for (const { data } of this.all) data?.forgetCheckpoint(name);
  }

  /** Rejects where the disk fails. */
  saveCheckpoints(checkpoints: readonly NamedCheckpoint[]): Promise<void> {
    const isOnly = this.all.length === 1;
    return this.#onEachLive(async ({ data, partitions }) => {
      const own = isOnly ? checkpoints : checkpoints.filter(({ name }) => partitions.has(name));
      await data!.saveCheckpoints(own);
    });
  }

  /** Only these, by `topic-partition`. */
  saveHighWatermarks(moved: ReadonlyMap<string, number>): Promise<void> {
    const isOnly = this.all.length === 1;
    return this.#onEachLive(async ({ data, partitions }) => {
      const own = isOnly ? moved : new Map([...moved].filter(([name]) => partitions.has(name)));
      if (own.size > 0) await data!.saveHighWatermarks(own);
    });
  }

  /** Lets another broker have them. */
  release(): void {
    for (const directory of this.all) directory.release();
  }
}

function addFound(
  found: Map<string, LogDirectory>,
  name: string,
  directory: LogDirectory,
  assigned: string | undefined,
): void {
  const other = found.get(name);
  if (other === undefined) {
    found.set(name, directory);
    return;
  }
  const [stays, goes] = other.id === assigned ? [other, directory] : [directory, other];
  if (stays.id !== assigned) {
    const both = `${name} lies in ${other.path} and in ${directory.path}`;
    const message = `${both}: remove the one that is older, and start again`;
    throw new MillraceError('MILLRACE_DATA_DIR', message);
  }
  // It has moved to the other disk, and the one that it came from failed at its removal.
  storage.rename(join(goes.path, name), join(goes.path, asideName(name, 'stray')));
  found.set(name, stays);
}

function logLoss({ path, failure }: LogDirectory, logger: Logger): void {
  logger.error(`log directory ${path} is lost: ${failure}`);
}

function copyEntry(name: string, from: ReadonlyMap<string, number>, to: Map<string, number>): void {
  const offset = from.get(name);
  if (offset !== undefined) to.set(name, offset);
}

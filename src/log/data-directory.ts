import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MillraceError, reasonOf } from '../base/errors.ts';
import { inBackground } from '../base/in-background.ts';
import type { Logger } from '../base/logger.ts';
import {
  HIGH_WATERMARK_FILE,
  LOG_START_FILE,
  RECOVERY_POINT_FILE,
  readOffsetCheckpoint,
  saveOffsetCheckpoint,
} from './checkpoints.ts';
import { lockDirectory, type ReleaseLock } from './directory-lock.ts';
import { type DeletedTopic, finishRemovals, removeDeletedTopic } from './partition-removal.ts';
import { DIRECTORY_MODE, readIfThere, replaceFile, storage } from './storage.ts';

const CLEAN_FILE = '.kafka_cleanshutdown';
const VERSION_FILE = 'millrace.version';
/** Of the whole layout: raised when an older broker could not read what a newer one writes. */
const LAYOUT_VERSION = 1;
const NO_EPOCH = -1;

export interface NamedCheckpoint {
  /** `topic-partition`. */
  readonly name: string;
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  readonly highWatermark: number;
}

export interface DirectoryCheckpoints {
  readonly logStartOffsets: ReadonlyMap<string, number>;
  readonly recoveryPoints: ReadonlyMap<string, number>;
  readonly highWatermarks: ReadonlyMap<string, number>;
  readonly wasClean: boolean;
  /** Of the broker's registration at a cluster when it stopped cleanly; otherwise -1. */
  readonly cleanEpoch: number;
}

/**
 * A directory that a broker keeps its data in, locked for as long as it is open. Between
 * `markRunning` and `markClean` it carries no clean mark, so that a crash is known as one.
 */
export class DataDirectory {
  readonly path: string;
  readonly checkpoints: DirectoryCheckpoints;
  /** No broker has used it before. */
  readonly isFresh: boolean;
  readonly #releaseLock: ReleaseLock;
  readonly #logger: Logger;
  readonly #logStarts: Map<string, number>;
  readonly #recoveryPoints: Map<string, number>;
  readonly #highWatermarks: Map<string, number>;
  #released = false;
  /** Saves replace the same files, so they follow one after the other. */
  #saving: Promise<void> = Promise.resolve();

  static open(path: string, logger: Logger): DataDirectory {
    const absolute = resolve(path);
    try {
      storage.makeDirectory(absolute);
      chmodSync(absolute, DIRECTORY_MODE);
    } catch (thrown) {
      const message = `log.dirs: cannot use ${absolute}: ${reasonOf(thrown)}`;
      throw new MillraceError('MILLRACE_DATA_DIR', message, thrown);
    }
    const release = lockDirectory(absolute);
    try {
      checkVersion(absolute);
      return new DataDirectory(absolute, release, logger);
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  private constructor(path: string, release: ReleaseLock, logger: Logger) {
    this.path = path;
    this.#releaseLock = release;
    this.#logger = logger;
    this.isFresh = !existsSync(join(path, VERSION_FILE));
    this.#logStarts = this.#read(LOG_START_FILE);
    this.#recoveryPoints = this.#read(RECOVERY_POINT_FILE);
    this.#highWatermarks = this.#read(HIGH_WATERMARK_FILE);
    const mark = readIfThere(join(path, CLEAN_FILE));
    this.checkpoints = {
      logStartOffsets: this.#logStarts,
      recoveryPoints: this.#recoveryPoints,
      highWatermarks: this.#highWatermarks,
      wasClean: mark !== null,
      cleanEpoch: cleanEpochOf(mark),
    };
    finishRemovals(path);
  }

  /** A checkpoint only shortens a recovery: a damaged one costs a longer scan, and no data. */
  #read(file: string): Map<string, number> {
    const path = join(this.path, file);
    try {
      return readOffsetCheckpoint(path);
    } catch (thrown) {
      this.#logger.warn(`${reasonOf(thrown)}: logs are scanned from their beginning`);
      return new Map();
    }
  }

  /**
   * Refuses to start where a partition that had records has no directory any more. After a crash
   * the checkpoints may be older than the directories, and prove nothing.
   */
  requirePartitions(names: Iterable<string>): void {
    if (!this.checkpoints.wasClean) return;
    for (const name of names) {
      const end = this.#recoveryPoints.get(name) ?? 0;
      if (end === 0 || existsSync(join(this.path, name))) continue;
      const message =
        `${join(this.path, name)} is missing, but held records up to offset ${end}: the data ` +
        'directory is not whole; nothing in it was touched';
      throw new MillraceError('MILLRACE_DATA_DIR', message);
    }
  }

  /**
   * Carries out deletions that a crash interrupted. Call it before a topic of the same name is
   * opened.
   */
  finishDeletions(deleted: Iterable<DeletedTopic>, isNameTaken: (name: string) => boolean): void {
    for (const topic of deleted) {
      removeDeletedTopic(this.path, topic, isNameTaken(topic.name));
      for (let i = 0; i < topic.partitions; i++) this.forgetCheckpoint(`${topic.name}-${i}`);
    }
  }

  markRunning(): void {
    if (!existsSync(join(this.path, VERSION_FILE))) {
      replaceFile(join(this.path, VERSION_FILE), Buffer.from(`${LAYOUT_VERSION}\n`), true);
    }
    const mark = join(this.path, CLEAN_FILE);
    if (existsSync(mark)) storage.unlink(mark);
    storage.syncDirectory(this.path);
  }

  /** All logs are closed and on the disk: the next start needs no scan. */
  markClean(brokerEpoch = NO_EPOCH): void {
    const text = `{"version":0,"brokerEpoch":${brokerEpoch}}\n`;
    replaceFile(join(this.path, CLEAN_FILE), Buffer.from(text), true);
  }

  /**
   * Adds to what the files say; entries of partitions that are gone do no harm. Rejects with what
   * the disk says.
   */
  saveCheckpoints(checkpoints: readonly NamedCheckpoint[]): Promise<void> {
    for (const { name, logStartOffset, recoveryPoint, highWatermark } of checkpoints) {
      this.#logStarts.set(name, logStartOffset);
      this.#recoveryPoints.set(name, recoveryPoint);
      this.#highWatermarks.set(name, highWatermark);
    }
    return this.#inTurn(async () => {
      await this.#save(LOG_START_FILE, this.#logStarts, true);
      await this.#save(RECOVERY_POINT_FILE, this.#recoveryPoints, true);
      await this.#save(HIGH_WATERMARK_FILE, this.#highWatermarks, true);
    });
  }

  /**
   * Only these high watermarks. They are written often and not synced: where a power loss takes
   * the file, leaders learn them from their followers.
   */
  saveHighWatermarks(moved: ReadonlyMap<string, number>): Promise<void> {
    for (const [name, highWatermark] of moved) this.#highWatermarks.set(name, highWatermark);
    return this.#inTurn(() => this.#save(HIGH_WATERMARK_FILE, this.#highWatermarks, false));
  }

  #save(file: string, offsets: ReadonlyMap<string, number>, durable: boolean): Promise<void> {
    return saveOffsetCheckpoint(join(this.path, file), offsets, durable);
  }

  #inTurn(save: () => Promise<void>): Promise<void> {
    const saved = this.#saving.then(save);
    // Whoever asked for it hears of a failure; the next save is tried all the same.
    this.#saving = inBackground(saved, () => {});
    return saved;
  }

  /** A topic of the same name starts anew at 0. */
  forgetCheckpoint(name: string): void {
    this.#logStarts.delete(name);
    this.#recoveryPoints.delete(name);
    this.#highWatermarks.delete(name);
  }

  /** Lets another broker have it. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#releaseLock();
  }
}

function cleanEpochOf(mark: Buffer | null): number {
  const digits = /"brokerEpoch"\s*:\s*(\d+)/.exec(mark?.toString('utf8') ?? '')?.[1];
  return digits === undefined ? NO_EPOCH : Number(digits);
}

function checkVersion(path: string): void {
  const text = readIfThere(join(path, VERSION_FILE))?.toString('utf8').trim();
  if (text === undefined) {
    refuseForeignDirectory(path);
    return;
  }
  if (Number(text) > LAYOUT_VERSION || !/^\d+$/.test(text)) {
    const message =
      `${path} was written by a newer millrace (layout ${text}, this one knows ` +
      `${LAYOUT_VERSION}): start that version, or name another directory in log.dirs`;
    throw new MillraceError('MILLRACE_DATA_DIR', message);
  }
}

/**
 * A directory with partitions but without this broker's mark has lost files, or is another
 * program's.
 */
function refuseForeignDirectory(path: string): void {
  const partition = readdirSync(path).find((name) => /^[a-zA-Z0-9._-]+-\d+$/.test(name));
  if (partition === undefined) return;
  const message =
    `${path} holds partitions (${partition}) but no ${VERSION_FILE}: it is not a whole data ` +
    'directory of millrace; nothing in it was touched. Restore it or name another in log.dirs';
  throw new MillraceError('MILLRACE_DATA_DIR', message);
}

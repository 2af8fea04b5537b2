import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { failPoint } from '../base/fail-point.ts';
import type { Logger } from '../base/logger.ts';
import type { MetadataImage } from './image.ts';
import type { ImageDraft } from './image-draft.ts';
import { type MetadataFile, type MetadataFiles, systemFiles } from './metadata-files.ts';
import { encodeFrame, encodeHeader, HEADER_BYTES } from './metadata-frames.ts';
import { generationsOf, logPath, METADATA_DIRECTORY, snapshotPath } from './metadata-paths.ts';
import { listOrNothing, type Recovered, recover } from './metadata-recovery.ts';
import { writeSnapshot } from './metadata-snapshot.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { MetadataRecord } from './records.ts';

export interface MetadataLogOptions {
  /** The data directory, in which the metadata has a directory of its own. */
  readonly logDir: string;
  readonly logger: Logger;
  /** Bytes of log after which a snapshot is taken. */
  readonly snapshotBytes: number;
  readonly files?: MetadataFiles;
}

interface Commit {
  readonly records: readonly MetadataRecord[];
  readonly image: MetadataImage;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Keeps metadata in a log with snapshots, in a directory beside the partitions. */
export class MetadataLog implements MetadataStore {
  readonly #directory: string;
  readonly #logDir: string;
  readonly #logger: Logger;
  readonly #snapshotBytes: number;
  readonly #files: MetadataFiles;
  #file: MetadataFile | null = null;
  #generation = 0;
  /** The position of the next frame in the file. */
  #endBytes = 0;
  #bytesSinceSnapshot = 0;
  /** The generation of the newest valid snapshot, or -1. */
  #snapshotGeneration = -1;
  #failure: string | null = null;
  #queue: Commit[] = [];
  #writing: Promise<void> | null = null;
  #snapshotting: Promise<void> | null = null;

  constructor(options: MetadataLogOptions) {
    this.#logDir = options.logDir;
    this.#directory = join(options.logDir, METADATA_DIRECTORY);
    this.#logger = options.logger;
    this.#snapshotBytes = options.snapshotBytes;
    this.#files = options.files ?? systemFiles;
  }

  get failure(): string | null {
    return this.#failure;
  }

  async load(): Promise<ImageDraft> {
    assert(this.#file === null, 'the metadata log is loaded twice');
    const recovered = await recover(this.#files, this.#directory, this.#logger);
    if (recovered.image.clusterId === '') await this.#refuseStrangers();
    await this.#files.makeDirectory(this.#directory);
    await this.#tidy(recovered);
    if (recovered.generation === -1) await this.#files.syncDirectory(this.#logDir);
    if (recovered.soundBytes === 0) {
      await this.#startLog(Math.max(recovered.generation, 0));
    } else {
      this.#generation = recovered.generation;
      this.#file = await this.#files.open(logPath(this.#directory, this.#generation), 'r+');
      this.#endBytes = recovered.soundBytes;
      // A process that died may have written the last frames without a sync.
      await this.#file.sync();
      await this.#files.syncDirectory(this.#directory);
    }
    this.#snapshotGeneration = recovered.snapshot;
    this.#bytesSinceSnapshot = recovered.replayedBytes;
    return recovered.image;
  }

  /** Partitions without metadata belong to another broker or lost theirs. They are not touched. */
  async #refuseStrangers(): Promise<void> {
    const names = await listOrNothing(this.#files, this.#logDir);
    const stranger = names.find((name) => /.-\d+$/.test(name) || name === 'meta.properties');
    if (stranger === undefined) return;
    const message =
      `${this.#logDir} holds ${stranger} but no metadata of millrace: ` +
      'use another directory, or put its metadata back';
    throw new MillraceError('MILLRACE_DATA_DIR', message);
  }

  /** Removes what a crash left unfinished. The whole directory was checked before. */
  async #tidy({ cuts, generation, generations }: Recovered): Promise<void> {
    for (const name of generations.unfinished)
      await this.#files.unlink(join(this.#directory, name));
    for (const cut of cuts) {
      if (cut.soundBytes === 0 && cut.generation === generation) continue;
      const file = await this.#files.open(logPath(this.#directory, cut.generation), 'r+');
      try {
        await file.truncate(cut.soundBytes);
        await file.sync();
      } finally {
        await file.close();
      }
    }
  }

  async #startLog(generation: number): Promise<void> {
    const file = await this.#files.open(logPath(this.#directory, generation), 'w');
    try {
      await file.write(encodeHeader(), 0);
      await file.sync();
      await this.#files.syncDirectory(this.#directory);
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    const before = this.#file;
    this.#file = file;
    this.#generation = generation;
    this.#endBytes = HEADER_BYTES;
    await before?.close();
  }

  commit(records: readonly MetadataRecord[], image: MetadataImage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, image, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#write(batch.flatMap(({ records }) => records));
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        for (const { reject } of batch) reject(error);
        continue;
      }
      for (const { resolve } of batch) resolve();
      if (this.#bytesSinceSnapshot >= this.#snapshotBytes && this.#snapshotting === null) {
        await this.#roll(batch.at(-1)!.image);
      }
    }
    this.#writing = null;
  }

  async #write(records: readonly MetadataRecord[]): Promise<void> {
    if (this.#failure !== null) throw new MillraceError('MILLRACE_STORAGE', this.#failure);
    const file = this.#file;
    assert(file !== null, 'the metadata log is not open');
    const frame = encodeFrame(records);
    try {
      if (failPoint !== null) failPoint('metadata-before-write');
      await file.write(frame, this.#endBytes);
      if (failPoint !== null) failPoint('metadata-before-sync');
    } catch (thrown) {
      await this.#undoWrite(file, thrown);
      throw thrown;
    }
    try {
      await file.sync();
      if (failPoint !== null) failPoint('metadata-after-sync');
    } catch (thrown) {
      // The kernel may have dropped the pages that it could not write. Another sync would succeed
      // without them, so no commit is acknowledged before a restart has read what the disk holds.
      this.#fail(thrown);
      throw thrown;
    }
    this.#endBytes += frame.length;
    this.#bytesSinceSnapshot += frame.length;
  }

  /** After a full disk the torn frame is cut off, so that a later commit can succeed. */
  async #undoWrite(file: MetadataFile, thrown: unknown): Promise<void> {
    const code = systemCodeOf(thrown);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') {
      this.#fail(thrown);
      return;
    }
    try {
      await file.truncate(this.#endBytes);
    } catch (again) {
      this.#fail(again);
    }
  }

  #fail(thrown: unknown): void {
    const what = 'the metadata log failed and takes no change before a restart';
    this.#failure = `${what}: ${reasonOf(thrown)}`;
    this.#logger.error(this.#failure);
  }

  /** Starts a new log for later commits while a snapshot of the earlier ones is written. */
  async #roll(image: MetadataImage): Promise<void> {
    this.#bytesSinceSnapshot = 0;
    const generation = this.#generation + 1;
    try {
      await this.#startLog(generation);
    } catch (thrown) {
      this.#logger.warn(`no new metadata log could be started: ${reasonOf(thrown)}`);
      return;
    }
    this.#snapshotting = this.#snapshot(generation, image);
  }

  async #snapshot(generation: number, image: MetadataImage): Promise<void> {
    try {
      const path = snapshotPath(this.#directory, generation);
      await writeSnapshot(this.#files, this.#directory, path, image);
      // The previous snapshot and the logs after it stay, in case this snapshot gets damaged.
      await this.#deleteBelow(this.#snapshotGeneration);
      this.#snapshotGeneration = generation;
    } catch (thrown) {
      this.#logger.warn(`no metadata snapshot could be taken: ${reasonOf(thrown)}`);
    } finally {
      this.#snapshotting = null;
    }
  }

  async #deleteBelow(generation: number): Promise<void> {
    const { logs, snapshots } = generationsOf(await this.#files.list(this.#directory));
    for (const old of snapshots) {
      if (old < generation) await this.#files.unlink(snapshotPath(this.#directory, old));
    }
    for (const old of logs) {
      if (old < generation) await this.#files.unlink(logPath(this.#directory, old));
    }
  }

  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.#snapshotting;
    await this.#file?.close();
    this.#file = null;
    this.#failure ??= 'the metadata log is closed';
  }
}

import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { backgroundDisk } from '../../base/background-disk.ts';
import { reasonOf, systemCodeOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { PartitionMirror } from './partition-mirror.ts';
import type { Partitions } from './partitions.ts';
import type { CopyEvents, Workers } from './workers.ts';

export interface MoveServices {
  readonly partitions: Partitions;
  readonly workers: Pick<Workers, 'control' | 'tell'>;
  /** So much all moves together may copy. */
  readonly bytesPerSecond: () => number;
  /** The partition has moved to that log directory. */
  readonly onMoved: (mirror: PartitionMirror, logDir: string) => void;
  /** That log directory's disk failed. */
  readonly onDiskFailed: (logDir: string, reason: string) => void;
  /**
   * Tells the controllers in which directory the replica is to lie. False where that is of no use
   * any more.
   */
  readonly assign: (mirror: PartitionMirror, logDir: string) => Promise<boolean>;
  readonly logger: Logger;
}

interface Move {
  readonly mirror: PartitionMirror;
  readonly logDir: string;
  /** Another directory is wanted, or the partition is gone. */
  isOver: boolean;
}

/** Until a sync that runs has ended. */
const PAUSE_MS = 20;

/**
 * Moves replicas between the log directories of this node. The worker copies the log. When the copy
 * has caught up and lies on the disk, the controllers are told, and then it takes the log's place.
 */
export class ReplicaMoves implements CopyEvents {
  readonly #services: MoveServices;
  readonly #moves = new Map<PartitionMirror, Move>();
  /** The share of the rate that each worker was told, in bytes a second. */
  readonly #paces = new Map<number, number>();

  constructor(services: MoveServices) {
    this.#services = services;
  }

  /** Begins a move, in place of the one that runs. 0, or the wire error code. */
  async start(mirror: PartitionMirror, logDir: string): Promise<number> {
    for (const move of this.#moves.values()) if (move.mirror.removed) this.#forget(move);
    const known = this.#moves.get(mirror);
    if (known?.logDir === logDir) return 0;
    if (known !== undefined) await this.#end(known);
    if (dirname(mirror.directory) === logDir) return 0;
    const move = { mirror, logDir, isOver: false };
    this.#moves.set(mirror, move);
    this.pace();
    const { worker, slot } = mirror;
    const answer = await this.#services.workers.control(worker, {
      kind: 'copy-begin',
      slot,
      logDir,
    });
    if (answer.error === 0) return 0;
    this.#forget(move);
    this.#services.logger.warn(`${nameOf(mirror)} is not moved to ${logDir}: ${answer.reason}`);
    return answer.error;
  }

  /** The workers that copy share the rate. Those are told whose share is another one now. */
  pace(): void {
    const copying = new Set(Array.from(this.#moves.keys(), ({ worker }) => worker));
    const bytesPerSecond = this.#services.bytesPerSecond() / copying.size;
    for (const worker of copying) {
      if (this.#paces.get(worker) === bytesPerSecond) continue;
      this.#paces.set(worker, bytesPerSecond);
      this.#services.workers.tell(worker, { kind: 'copy-pace', bytesPerSecond });
    }
  }

  /** A log directory is lost: nothing moves into it or out of it. */
  lost(logDir: string): void {
    for (const move of this.#moves.values()) {
      if (move.logDir === logDir) this.#fail(move, 'its disk failed');
      else if (dirname(move.mirror.directory) === logDir) this.#forget(move);
    }
  }

  onCopyCaughtUp(slot: number, directory: string): void {
    const move = this.#bySlot(slot);
    if (move === undefined) return;
    inBackground(this.#promote(move, directory), (thrown) => this.#fail(move, reasonOf(thrown)));
  }

  onCopyFailed(slot: number, reason: string, isOfDisk: boolean): void {
    const move = this.#bySlot(slot);
    if (move === undefined) return;
    this.#fail(move, reason);
    if (isOfDisk) this.#services.onDiskFailed(move.logDir, reason);
  }

  #bySlot(slot: number): Move | undefined {
    const mirror = this.#services.partitions.bySlot(slot);
    return mirror === undefined ? undefined : this.#moves.get(mirror);
  }

  #forget(move: Move): void {
    const { mirror } = move;
    move.isOver = true;
    if (this.#moves.get(mirror) !== move) return;
    this.#moves.delete(mirror);
    mirror.movesTo = '';
    this.pace();
  }

  #fail(move: Move, reason: string): void {
    if (move.isOver) return;
    const { mirror, logDir } = move;
    this.#services.logger.error(`${nameOf(mirror)} is not moved to ${logDir}: ${reason}`);
    inBackground(this.#end(move), (thrown) => {
      this.#services.logger.error(`a copy of ${nameOf(mirror)} stays: ${reasonOf(thrown)}`);
    });
  }

  async #end(move: Move): Promise<void> {
    const { mirror } = move;
    const wasTold = mirror.movesTo !== '';
    this.#forget(move);
    const { worker, slot, directory } = mirror;
    await this.#services.workers.control(worker, { kind: 'copy-end', slot });
    if (!wasTold) return;
    const told = this.#services.assign(mirror, dirname(directory));
    inBackground(told, (thrown) => {
      this.#services.logger.error(`${nameOf(mirror)} is not where it is told: ${reasonOf(thrown)}`);
    });
  }

  async #promote(move: Move, copied: string): Promise<void> {
    const { mirror, logDir } = move;
    await syncFiles(copied);
    if (move.isOver) return;
    mirror.movesTo = logDir;
    const isTold = await this.#services.assign(mirror, logDir);
    if (move.isOver) return;
    if (!isTold) throw new Error('the controllers do not take it');
    while (!(await this.#replace(move))) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (move.isOver || mirror.removed) return;
    }
    this.#forget(move);
    this.#services.onMoved(mirror, logDir);
    this.#services.logger.info(`${nameOf(mirror)} has moved to ${logDir}`);
  }

  /** The reader goes before the files do, and the next one reads the copy. */
  async #replace({ mirror, logDir }: Move): Promise<boolean> {
    const { worker, slot, directory: before } = mirror;
    mirror.directory = join(logDir, basename(before));
    mirror.dropReader();
    const answer = await this.#services.workers.control(worker, { kind: 'copy-finish', slot });
    if (answer.error === ERROR.NONE) return true;
    mirror.directory = before;
    mirror.dropReader();
    if (answer.passing === true) return false;
    throw new Error(answer.reason);
  }
}

/** Most of a copy is on the disk then, and the rest of it holds nobody up. */
async function syncFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const file = await openIfThere(join(directory, name));
    if (file === null) continue;
    try {
      const errno = await backgroundDisk.sync(file.fd);
      if (errno !== 0) throw new Error(`${directory} cannot be synced: errno ${errno}`);
    } finally {
      await file.close();
    }
  }
}

/** Null where retention has removed it meanwhile. */
async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

function nameOf({ topic, index }: PartitionMirror): string {
  return `${topic}-${index}`;
}

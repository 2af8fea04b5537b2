import { close, fdatasync, fsync, open, rm, write } from 'node:fs';
import type { Logger } from './logger.ts';
import { isPassingError } from './passing-errors.ts';
import { errnoOf } from './system-errno.ts';
import { isWindows } from './windows-files.ts';

const DESCRIPTOR_WAIT_MS = 50;
/** On Windows a file that a scanner has open is removed a moment later. */
const REMOVAL = { recursive: true, force: true, maxRetries: isWindows ? 5 : 0 };

/**
 * Disk work that runs beside the event loop, on the pool of libuv. Tests and simulations install
 * another one that fails a call or does the work at a time of their own.
 */
export interface BackgroundDisk {
  /** Removes a file, or a folder with all that is in it. Null: done. */
  remove(path: string, onDone: (error: Error | null) => void): void;
  /** Writes all of it at the beginning of the file. 0 or an errno. */
  write(descriptor: number, bytes: Buffer): Promise<number>;
  /** fdatasync. 0 or an errno. */
  sync(descriptor: number): Promise<number>;
  /** New files are found after a power loss only when their directory was synced. 0 or an errno. */
  syncDirectory(path: string): Promise<number>;
}

export const systemBackgroundDisk: BackgroundDisk = {
  remove: (path, onDone) => rm(path, REMOVAL, onDone),
  write: (descriptor, bytes) => new Promise((resolve) => writeFrom(descriptor, bytes, 0, resolve)),
  sync: (descriptor) =>
    new Promise((resolve) => fdatasync(descriptor, (error) => resolve(outcomeOf(error)))),
  syncDirectory: (path) =>
    isWindows ? Promise.resolve(0) : new Promise((resolve) => openAndSync(path, resolve)),
};

export let backgroundDisk: BackgroundDisk = systemBackgroundDisk;

export function installBackgroundDisk(replacement: BackgroundDisk): void {
  backgroundDisk = replacement;
}

/** Removes a file or folder; what cannot be removed now is found and removed by the next start. */
export function removeInBackground(path: string, logger: Logger): void {
  backgroundDisk.remove(path, (error) => {
    if (error !== null) logger.warn(`cannot remove ${path}: ${error.message}`);
  });
}

function outcomeOf(error: NodeJS.ErrnoException | null): number {
  return error === null ? 0 : errnoOf(error);
}

function writeFrom(
  descriptor: number,
  bytes: Buffer,
  at: number,
  onDone: (errno: number) => void,
): void {
  write(descriptor, bytes, at, bytes.length - at, at, (error, written) => {
    const next = at + written;
    if (error !== null || next === bytes.length) onDone(outcomeOf(error));
    else writeFrom(descriptor, bytes, next, onDone);
  });
}

/** A lack of descriptors passes, and nothing was synced yet that could have failed. */
function openAndSync(directory: string, onDone: (errno: number) => void): void {
  open(directory, 'r', (error, descriptor) => {
    if (isPassingError(error)) {
      setTimeout(() => openAndSync(directory, onDone), DESCRIPTOR_WAIT_MS);
    } else if (error !== null) {
      onDone(outcomeOf(error));
    } else {
      fsync(descriptor, (failed) => {
        close(descriptor, (unclosed) => onDone(outcomeOf(failed ?? unclosed)));
      });
    }
  });
}

import { close, fdatasync, fsync, open, rm } from 'node:fs';
import type { Logger } from './logger.ts';
import { isPassingError } from './passing-errors.ts';

const DESCRIPTOR_WAIT_MS = 50;
/** The error of a disk that gave none. */
const EIO = 5;

/**
 * Disk work that runs beside the event loop, on the pool of libuv. Tests and simulations install
 * another one that fails a call or does the work at a time of their own.
 */
export interface BackgroundDisk {
  /** Removes a file, or a folder with all that is in it. Null: done. */
  remove(path: string, onDone: (error: Error | null) => void): void;
  /** fdatasync. 0 or an errno. */
  sync(descriptor: number): Promise<number>;
  /** New files are found after a power loss only when their directory was synced. 0 or an errno. */
  syncDirectory(path: string): Promise<number>;
}

export const systemBackgroundDisk: BackgroundDisk = {
  remove: (path, onDone) => rm(path, { recursive: true, force: true }, onDone),
  sync: (descriptor) =>
    new Promise((resolve) => fdatasync(descriptor, (error) => resolve(errnoOf(error)))),
  syncDirectory: (path) => new Promise((resolve) => openAndSync(path, resolve)),
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

function errnoOf(error: NodeJS.ErrnoException | null): number {
  return error === null ? 0 : Math.abs(error.errno ?? EIO);
}

/** A lack of descriptors passes, and nothing was synced yet that could have failed. */
function openAndSync(directory: string, onDone: (errno: number) => void): void {
  open(directory, 'r', (error, descriptor) => {
    if (isPassingError(error)) {
      setTimeout(() => openAndSync(directory, onDone), DESCRIPTOR_WAIT_MS);
    } else if (error !== null) {
      onDone(errnoOf(error));
    } else {
      fsync(descriptor, (failed) => {
        close(descriptor, (unclosed) => onDone(errnoOf(failed ?? unclosed)));
      });
    }
  });
}

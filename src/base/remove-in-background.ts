import { rm } from 'node:fs';
import type { Logger } from './logger.ts';

/** Removes a file or folder; what cannot be removed now is found and removed by the next start. */
export function removeInBackground(path: string, logger: Logger): void {
  rm(path, { recursive: true, force: true }, (error) => {
    if (error !== null) logger.warn(`cannot remove ${path}: ${error.message}`);
  });
}

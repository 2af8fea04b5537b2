import { statfsSync } from 'node:fs';
import { reasonOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** The time between two looks at the disk. At a gigabyte a second 100 MB are written meanwhile. */
const LOOK_MS = 100;

/**
 * `log.dir.min.free.bytes`: appends are refused while the disk has less room than that, so that
 * metadata, indexes and the operator still have some. They resume by themselves.
 */
export class FreeSpace {
  bytesMin: number;
  readonly #path: string;
  readonly #logger: Logger;
  #lookedMs = Number.NEGATIVE_INFINITY;
  isShort = false;

  constructor(path: string, bytesMin: number, logger: Logger) {
    this.#path = path;
    this.bytesMin = bytesMin;
    this.#logger = logger;
  }

  look(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_MS) return;
    // After the bound was set to 0, one more look lets appends resume.
    if (this.bytesMin <= 0 && !this.isShort) return;
    this.#lookedMs = nowMs;
    const free = this.#freeBytes();
    if (free < 0 || free < this.bytesMin === this.isShort) return;
    this.isShort = !this.isShort;
    const state = this.isShort ? 'appends are refused' : 'appends are taken again';
    const place = `${this.#path} has ${free} bytes free`;
    this.#logger.warn(`${place} (log.dir.min.free.bytes is ${this.bytesMin}): ${state}`);
  }

  /** -1 where the system does not report it. The disk itself then refuses what does not fit. */
  #freeBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(this.#path);
      return bavail * bsize;
    } catch (thrown) {
      this.#logger.warn(`cannot tell how full ${this.#path} is: ${reasonOf(thrown)}`);
      return -1;
    }
  }
}

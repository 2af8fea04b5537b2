import type { Logger } from '../base/logger.ts';
import { FreeSpace } from './free-space.ts';

/** The room that is left in each log directory with partitions of this worker. */
export class FreeSpaces {
  readonly #logger: Logger;
  readonly #all: FreeSpace[] = [];
  readonly #byDirectory = new Map<string, FreeSpace>();
  #bytesMin: number;

  constructor(bytesMin: number, logger: Logger) {
    this.#bytesMin = bytesMin;
    this.#logger = logger;
  }

  of(logDir: string): FreeSpace {
    const known = this.#byDirectory.get(logDir);
    if (known !== undefined) return known;
    const space = new FreeSpace(logDir, this.#bytesMin, this.#logger);
    this.#byDirectory.set(logDir, space);
    this.#all.push(space);
    return space;
  }

  set bytesMin(bytesMin: number) {
    this.#bytesMin = bytesMin;
    for (const space of this.#all) space.bytesMin = bytesMin;
  }

  look(nowMs: number): void {
    for (let i = 0; i < this.#all.length; i++) this.#all[i]!.look(nowMs);
  }
}

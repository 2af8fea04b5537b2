import { remark } from '../output.ts';

/** What is wrong with the files, one line each with file and position. */
export class Findings {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  corrupt(path: string, position: number, what: string): void {
    this.#count++;
    remark(`${path}: corrupt at position ${position}: ${what}`);
  }
}

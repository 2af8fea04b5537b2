import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from './on-disk.ts';

const LOG = /^log-(\d{10})\.state$/;
const SNAPSHOT = /^snapshot-(\d{10})\.state$/;
/** Of the files of stores that keep their rows in a file each. */
const ROWS_ENDING = '.rows';
const DIGITS = 10;

/**
 * The files of a task's directory. Snapshot n holds all that the logs before n say; log n and those
 * behind it go on from there.
 */
export class TaskFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    onDisk(`the state directory ${directory} cannot be made`, () => {
      mkdirSync(directory, { recursive: true });
    });
  }

  log(number: number): string {
    return join(this.directory, `log-${padded(number)}.state`);
  }

  snapshot(number: number): string {
    return join(this.directory, `snapshot-${padded(number)}.state`);
  }

  /** One that is being written: nobody reads it before it has its name. */
  unfinished(number: number): string {
    return `${this.snapshot(number)}.tmp`;
  }

  logs(): number[] {
    return this.#numbers(LOG);
  }

  snapshots(): number[] {
    return this.#numbers(SNAPSHOT);
  }

  /** Whether stores have files of their own here. */
  hasRows(): boolean {
    return readdirSync(this.directory).some((name) => name.endsWith(ROWS_ENDING));
  }

  /** Removes what a whole snapshot `number` stands for, and what was never finished. */
  removeBefore(number: number): void {
    for (const name of readdirSync(this.directory)) {
      const match = LOG.exec(name) ?? SNAPSHOT.exec(name);
      const isOld = match !== null && Number(match[1]) < number;
      if (isOld || name.endsWith('.tmp')) rmSync(join(this.directory, name), { force: true });
    }
  }

  removeAll(): void {
    for (const name of readdirSync(this.directory)) {
      const isOurs = LOG.test(name) || SNAPSHOT.test(name) || name.endsWith('.state.tmp');
      if (isOurs) rmSync(join(this.directory, name), { force: true });
    }
  }

  #numbers(form: RegExp): number[] {
    const matches = readdirSync(this.directory).map((name) => form.exec(name));
    const numbers = matches.flatMap((match) => (match === null ? [] : [Number(match[1])]));
    return numbers.sort((one, other) => one - other);
  }
}

function padded(number: number): string {
  return String(number).padStart(DIGITS, '0');
}

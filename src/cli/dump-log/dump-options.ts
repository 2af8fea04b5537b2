import { basename } from 'node:path';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson } from '../output.ts';

/** How to show the files. */
export class DumpOptions {
  readonly isJson: boolean;
  readonly records: boolean;

  constructor(given: CommandArguments) {
    this.isJson = wantsJson(given);
    this.records = given.has('records');
  }

  fileName(path: string): string {
    return basename(path);
  }
}

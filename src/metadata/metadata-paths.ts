import { join } from 'node:path';

/**
 * `<generation>.snapshot` holds the image after all logs of smaller generations. `<generation>.log`
 * holds the commits after it. Generation 0 has no snapshot: its image is empty.
 */
export const METADATA_DIRECTORY = '__millrace_metadata';

export interface Generations {
  /** In ascending order. */
  readonly logs: readonly number[];
  readonly snapshots: readonly number[];
  /** Names of files that a crash left unfinished. */
  readonly unfinished: readonly string[];
}

export function logPath(directory: string, generation: number): string {
  return join(directory, `${String(generation).padStart(20, '0')}.log`);
}

export function snapshotPath(directory: string, generation: number): string {
  return join(directory, `${String(generation).padStart(20, '0')}.snapshot`);
}

export function generationsOf(names: readonly string[]): Generations {
  const logs: number[] = [];
  const snapshots: number[] = [];
  const unfinished: string[] = [];
  for (const name of names) {
    const match = /^(\d{20})\.(log|snapshot)(\.tmp)?$/.exec(name);
    if (match === null) continue;
    if (match[3] !== undefined) unfinished.push(name);
    else (match[2] === 'log' ? logs : snapshots).push(Number(match[1]));
  }
  logs.sort((a, b) => a - b);
  snapshots.sort((a, b) => a - b);
  return { logs, snapshots, unfinished };
}

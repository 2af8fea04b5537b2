import { spawnSync } from 'node:child_process';

/** Whether the program is here and works: some systems have one that only says it is missing. */
export function runsProgram(name: string, flag: string): boolean {
  return spawnSync(name, [flag], { stdio: 'ignore' }).status === 0;
}

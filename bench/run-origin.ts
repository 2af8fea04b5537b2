/** Where figures come from: the machine, the versions, the commit and the command of a run. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { repositoryPath } from './repository-path.ts';

export interface RunOrigin {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: string;
  readonly node: string;
  /** `name version` of all whose figures are in the run. */
  readonly versions: readonly string[];
  /** `-changed` behind it where the work tree is not what was committed. */
  readonly commit: string;
  readonly command: string;
}

export function runOrigin(command: string, rivals: readonly string[]): RunOrigin {
  const { version } = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8'));
  return {
    at: new Date().toISOString(),
    machine: machineText(),
    node: process.version,
    versions: [`millrace ${version}`, ...rivals],
    commit: commitText(),
    command,
  };
}

export function machineText(): string {
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const system = `${platform()} ${release().split('-')[0]} ${arch()}`;
  return `${cpus().length} cores (${model}), ${memoryGib} GiB, ${system}`;
}

function commitText(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repositoryPath(''), stdio: 'pipe', encoding: 'utf8' }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? '-changed' : '');
  } catch {
    // A packed copy of the sources has no history.
    return 'unknown';
  }
}

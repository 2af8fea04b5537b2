/** An earlier build of millrace, to be measured in turn with this one. */
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { repositoryPath } from '../repository-path.ts';

const execute = promisify(execFile);
const PROGRAM = 'dist/bundle/cli/main.js';

/**
 * `what`: a packed package (`.tgz`), the folder of a build, or a commit of this repository, which
 * is built below `folder`. Resolves to the folder of the package.
 */
export async function earlierBuild(what: string, folder: string): Promise<string> {
  const path = resolve(what);
  const kind = await kindOf(path);
  let found = path;
  if (kind === 'file') found = await unpacked(path, folder);
  else if (kind === 'nothing') found = await builtCommit(what, folder);
  await access(join(found, PROGRAM)).catch(() => {
    throw new Error(`--baseline: there is no ${PROGRAM} in ${what}`);
  });
  return found;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw error;
  }
}

async function unpacked(tarball: string, folder: string): Promise<string> {
  const target = join(folder, 'earlier');
  await mkdir(target, { recursive: true });
  await execute('tar', ['-xzf', tarball, '-C', target]);
  // What it depends on is what this build depends on, so that only its own code differs.
  await symlink(repositoryPath('node_modules'), join(target, 'node_modules'));
  return join(target, 'package');
}

async function builtCommit(commit: string, folder: string): Promise<string> {
  const git = { cwd: repositoryPath('') };
  await execute('git', ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`], git).catch(
    () => {
      throw new Error(`--baseline: ${commit} is no file, no folder and no commit`);
    },
  );
  const target = join(folder, 'earlier');
  const archive = join(folder, 'earlier.tar');
  await mkdir(target, { recursive: true });
  await execute('git', ['archive', '--output', archive, commit], git);
  await execute('tar', ['-xf', archive, '-C', target]);
  const lock = (root: string): Promise<string> => readFile(join(root, 'package-lock.json'), 'utf8');
  if ((await lock(target)) === (await lock(repositoryPath('')))) {
    await symlink(repositoryPath('node_modules'), join(target, 'node_modules'));
  } else {
    await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: target });
  }
  await execute('node', ['native/build.mjs'], { cwd: target });
  await execute('npm', ['run', 'build'], { cwd: target });
  return target;
}

/** The folder outside version control where toolchains, clients and suites are installed. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const REPOSITORY = resolve(HERE, '..', '..');
export const CACHE =
  process.env.MILLRACE_CONFORMANCE_CACHE ??
  join(REPOSITORY, 'node_modules', '.cache', 'millrace-conformance');

/** Why a check cannot run here; it is reported as skipped with this reason. */
export class Unavailable extends Error {
  name = 'Unavailable';
}

const pending = new Map();

/**
 * Installs once per key: `install(folder)` runs in an empty folder, and its mark is written last,
 * so that an install cut short is done again. Answers the folder.
 */
export function installed(name, keyParts, install) {
  let work = pending.get(name);
  if (work === undefined) {
    work = installOnce(name, keyParts, install);
    pending.set(name, work);
  }
  return work;
}

async function installOnce(name, keyParts, install) {
  const folder = join(CACHE, name);
  const mark = join(CACHE, `${name}.installed`);
  const key = createHash('sha256').update(JSON.stringify(keyParts)).digest('hex');
  if ((await textOrEmpty(mark)) === key) return folder;
  await rm(mark, { force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  process.stderr.write(`installing ${name} …\n`);
  await install(folder);
  await writeFile(mark, key);
  return folder;
}

async function textOrEmpty(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

// Compiles native/src into native/build/millrace.node with the system's C++ compiler and the
// headers of the node-api-headers package: no node headers, no download, one binary for every
// Node from 20 up. Does nothing when the sources, the command and the headers are unchanged.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const sourceDir = fileURLToPath(new URL('src/', import.meta.url));
const buildDir = fileURLToPath(new URL('build/', import.meta.url));
const target = `${buildDir}millrace.node`;
const stamp = `${buildDir}stamp`;

function fail(line) {
  process.stderr.write(`millrace: ${line}\n`);
  process.exit(1);
}

function includeDir() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return fail('the package node-api-headers is missing: run npm ci, or npm i node-api-headers');
  }
}

function works(compiler) {
  return spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0;
}

function findCompiler() {
  const candidates = [process.env.CXX, 'g++', 'clang++', 'c++'].filter(Boolean);
  const found = candidates.find(works);
  if (found !== undefined) return found;
  return fail('no C++ compiler found: install g++ (apt install g++) or set CXX, then run npm ci');
}

function flagsFor(output, sources) {
  const linker =
    process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,--as-needed'];
  const wanted = '-O2 -fPIC -shared -std=c++17 -fno-exceptions -fno-rtti -fvisibility=hidden';
  const warnings = '-Wall -Wextra -Werror=return-type -pthread';
  const include = ['-isystem', includeDir()];
  const flags = [...wanted.split(' '), ...warnings.split(' '), ...include];
  return [...flags, ...sources.map((name) => sourceDir + name), ...linker, '-o', output];
}

function digestOf(names, flags) {
  const hash = createHash('sha256');
  hash.update(`${process.platform} ${process.arch} ${process.env.CXX ?? ''} ${flags.join(' ')}`);
  for (const name of names) hash.update(`\n${name}\n`).update(readFileSync(sourceDir + name));
  return hash.digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

const names = readdirSync(sourceDir).sort();
const sources = names.filter((name) => name.endsWith('.cc'));
const digest = digestOf(names, flagsFor('', sources));
if (read(stamp) === digest && read(target) !== '') process.exit(0);

mkdirSync(buildDir, { recursive: true });
// Under another name first: a process that has the old one mapped must not see it change.
const fresh = `${target}.${process.pid}`;
const run = spawnSync(findCompiler(), flagsFor(fresh, sources), { encoding: 'utf8' });
if (run.status !== 0) {
  rmSync(fresh, { force: true });
  process.stderr.write(run.stderr ?? '');
  const missing = /limits\.h|stdlib\.h|cstdint/.test(run.stderr ?? '');
  fail(
    missing
      ? 'the C library headers are missing: install libc6-dev and libstdc++-dev (build-essential)'
      : 'the native addon does not compile (the messages above say why)',
  );
}
renameSync(fresh, target);
writeFileSync(stamp, digest);

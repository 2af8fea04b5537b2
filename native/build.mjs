// Builds the addon. Without an argument for this machine, into native/build: with the system's C++
// compiler, or else with a Zig that is here already. With neither it says so and leaves it: millrace
// then takes a prebuilt addon or its portable mode. With --prebuilt for all platforms of the package,
// into native/prebuilt.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { includeDir } from './include-dir.mjs';
import { buildAllPrebuilt, buildPrebuilt } from './prebuilt.mjs';
import { findZig } from './zig.mjs';

const sourceDir = fileURLToPath(new URL('src/', import.meta.url));
const buildDir = fileURLToPath(new URL('build/', import.meta.url));
const target = `${buildDir}millrace.node`;
const stamp = `${buildDir}stamp`;

// The library stays loaded when the only thread that used it ends: its handler of SIGBUS and its
// finalizers are still called then.
const LINUX_LINKER = ['-Wl,--as-needed', '-Wl,-z,nodelete'];

function say(line) {
  process.stderr.write(`millrace: ${line}\n`);
}

function works(compiler) {
  return spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0;
}

function flagsFor(output, sources) {
  const linker = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : LINUX_LINKER;
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

function compile(compiler, sources) {
  // Under another name first: a process that has the old one mapped must not see it change.
  const fresh = `${target}.${process.pid}`;
  const run = spawnSync(compiler, flagsFor(fresh, sources), { encoding: 'utf8' });
  if (run.status === 0) {
    renameSync(fresh, target);
    return;
  }
  rmSync(fresh, { force: true });
  process.stderr.write(run.stderr ?? '');
  const missing = /limits\.h|stdlib\.h|cstdint/.test(run.stderr ?? '');
  throw new Error(
    missing
      ? 'the C library headers are missing: install libc6-dev and libstdc++-dev (build-essential)'
      : 'the native addon does not compile (the messages above say why)',
  );
}

/** As load-addon.ts names the platform that this process runs on. */
function platformName() {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  const { header } = process.report.getReport();
  return `${name}-${header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'}`;
}

async function buildForHost() {
  const names = readdirSync(sourceDir).sort();
  const sources = names.filter((name) => name.endsWith('.cc'));
  const digest = digestOf(names, flagsFor('', sources));
  if (read(stamp) === digest && read(target) !== '') return;
  mkdirSync(buildDir, { recursive: true });
  const compiler = [process.env.CXX, 'g++', 'clang++', 'c++'].filter(Boolean).find(works);
  if (compiler !== undefined) {
    compile(compiler, sources);
  } else if (findZig() !== null) {
    await buildPrebuilt(buildDir, [platformName()]);
    renameSync(`${buildDir}${platformName()}.node`, target);
    say('no C++ compiler found: the native addon was built with the Zig of the cache');
  } else {
    rmSync(target, { force: true });
    say('no C++ compiler found: millrace runs with a prebuilt addon, or in its portable mode');
    return;
  }
  writeFileSync(stamp, digest);
}

try {
  await (process.argv.includes('--prebuilt') ? buildAllPrebuilt() : buildForHost());
} catch (thrown) {
  say(thrown.message);
  process.exitCode = 1;
}

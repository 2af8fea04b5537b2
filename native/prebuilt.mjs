// Builds the addon for each platform that the package carries, with Zig as cross compiler. The same
// sources give the same bytes on any machine.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { includeDir } from './include-dir.mjs';
import { obtainZig, ZIG_VERSION, zigEnvironment } from './zig.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const BYTES_MAX = 320 * 1000;

/** By the names that src/base/load-addon.ts asks for. */
export const TARGETS = {
  'linux-x64-glibc': 'x86_64-linux-gnu.2.17',
  'linux-arm64-glibc': 'aarch64-linux-gnu.2.17',
  'linux-x64-musl': 'x86_64-linux-musl',
  'linux-arm64-musl': 'aarch64-linux-musl',
  'darwin-x64': 'x86_64-macos.11.0',
  'darwin-arm64': 'aarch64-macos.11.0',
};

const COMPILE = [
  '-O2 -g0 -fPIC -std=c++17 -fno-exceptions -fno-rtti -fvisibility=hidden -pthread',
  '-ffunction-sections -fdata-sections -Wall -Wextra -Werror=return-type',
  // What libc++ calls when a container grows beyond all memory.
  '-D_LIBCPP_VERBOSE_ABORT(...)=__builtin_abort()',
].flatMap((line) => line.split(' '));

const LINK = {
  // It stays loaded when the only thread that used it ends: see build.mjs.
  linux:
    '-shared -pthread -s -Wl,--as-needed -Wl,-z,nodelete -Wl,--gc-sections -Wl,--build-id=none'.split(
      ' ',
    ),
  darwin:
    '-shared -s -undefined dynamic_lookup -Wl,-dead_strip -install_name @rpath/millrace.node'.split(
      ' ',
    ),
};

function sourcesIn(folder) {
  return readdirSync(join(here, folder))
    .sort()
    .map((name) => `${folder}/${name}`);
}

const files = [...sourcesIn('src'), ...sourcesIn('cross')];
const sources = files.filter((name) => name.endsWith('.cc'));

function digest() {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([ZIG_VERSION, process.env.ZIG, TARGETS, COMPILE, LINK]));
  for (const name of files) hash.update(`\n${name}\n`).update(readFileSync(join(here, name)));
  return hash.digest('hex');
}

const run = promisify((zig, words, env, done) => {
  const child = spawn(zig, words, { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  child.on('error', done);
  child.on('close', (code) => done(code === 0 ? null : new Error(`zig ${words[0]}: ${said}`)));
});

/** Sources are named from here on, so that no path of the machine gets into the binary. */
async function buildOne(zig, target, output, env) {
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-addon-'));
  try {
    const triple = ['-target', target];
    const include = ['-isystem', relative(here, includeDir())];
    const objects = sources.map((name) => join(scratch, `${basename(name, '.cc')}.o`));
    const waiting = sources.map((name, i) => ['-c', name, '-o', objects[i]]);
    const work = async () => {
      for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) {
        await run(zig, ['c++', ...triple, ...COMPILE, ...include, ...job], env);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    const link = LINK[target.includes('macos') ? 'darwin' : 'linux'];
    const linked = join(scratch, 'millrace.node');
    await run(zig, ['cc', ...triple, ...objects, ...link, '-o', linked], env);
    writeFileSync(`${output}.${process.pid}`, readFileSync(linked));
    // A process that has the old one mapped must not see it change.
    renameSync(`${output}.${process.pid}`, output);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const { size } = statSync(output);
  if (size > BYTES_MAX) throw new Error(`${output} has ${size} bytes, more than ${BYTES_MAX}`);
}

/** Builds `names` into `folder`. `objects` is the cache of compiled sources. */
export async function buildPrebuilt(folder, names, objects) {
  const zig = obtainZig();
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    await buildOne(zig, TARGETS[name], join(folder, `${name}.node`), zigEnvironment(objects));
  }
}

/** Builds all of them into native/prebuilt, unless they are there from the same sources. */
export async function buildAllPrebuilt() {
  const folder = join(here, 'prebuilt');
  const stamp = join(folder, 'stamp');
  const names = Object.keys(TARGETS);
  const wanted = digest();
  const areThere = names.every((name) => existsSync(join(folder, `${name}.node`)));
  if (areThere && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  await buildPrebuilt(folder, names);
  writeFileSync(stamp, wanted);
}

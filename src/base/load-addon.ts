import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MillraceError, reasonOf } from './errors.ts';

/** As seen from src/base or dist/base, and from the chunks of dist/bundle, one level deeper. */
const FOLDERS = ['../../native/', '../../../native/'];
/** The one that native/src/addon.cc states. It tells an addon that was built from other sources. */
export const CONTRACT = 2;
/** The name of a program's loader stands within its first bytes. */
const PROGRAM_HEAD_BYTES = 4096;

/**
 * The addon: what was built in this clone, else the prebuilt one for this platform. An error says
 * why where neither loads, or that `MILLRACE_NATIVE=off` asks to do without.
 */
export function loadAddon(): unknown {
  if (process.env.MILLRACE_NATIVE === 'off') {
    throw new MillraceError('MILLRACE_NATIVE', 'MILLRACE_NATIVE=off');
  }
  const require = createRequire(import.meta.url);
  const failures: string[] = [];
  for (const file of addonFiles()) {
    try {
      return checkContract(require(file), file);
    } catch (cause) {
      failures.push(reasonOf(cause).split('\n')[0]!);
    }
  }
  throw new MillraceError('MILLRACE_NATIVE', explain(failures));
}

/** The addon, unless it keeps another contract than the one this code was written for. */
export function checkContract(addon: unknown, file: string): unknown {
  const { contract = 0 } = addon as { readonly contract?: number };
  if (contract === CONTRACT) return addon;
  const age = contract < CONTRACT ? 'older' : 'newer';
  throw new MillraceError(
    'MILLRACE_NATIVE',
    `${file} was built from ${age} sources; in a clone npm run build builds it anew`,
  );
}

function explain(failures: readonly string[]): string {
  if (failures.length > 0) return `the native addon does not load (${failures.join('; ')})`;
  const platform = platformName();
  return `there is no native addon for ${platform}; a clone builds it with: node native/build.mjs`;
}

/** The files that may hold the addon, the best first. */
function* addonFiles(): Generator<string> {
  const folders = FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
  yield* folders.map((folder) => `${folder}build/millrace.node`).filter(existsSync);
  const name = `prebuilt/${platformName()}.node`;
  yield* folders.map((folder) => folder + name).filter(existsSync);
}

/** As native/prebuilt names its files: `linux-x64-glibc`, `darwin-arm64`. */
export function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' ? `${name}-${libraryOfC()}` : name;
}

/**
 * Node's own program names the loader of its C library. A diagnostic report tells it as well, but
 * takes 14 ms, a quarter of a broker's start.
 */
function libraryOfC(): string {
  const head = programHead();
  if (head.includes('/ld-musl-')) return 'musl';
  if (head.includes('/ld-linux')) return 'glibc';
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

/** Its first bytes as text, '' where it cannot be read. */
function programHead(): string {
  let file: number;
  try {
    file = openSync(process.execPath, 'r');
  } catch {
    return '';
  }
  try {
    const head = Buffer.allocUnsafe(PROGRAM_HEAD_BYTES);
    return head.toString('latin1', 0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

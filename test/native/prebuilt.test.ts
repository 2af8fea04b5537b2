import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const native = new URL('../../native/', import.meta.url);
const { buildPrebuilt, TARGETS } = (await import(`${native}prebuilt.mjs`)) as {
  TARGETS: Readonly<Record<string, string>>;
  buildPrebuilt(folder: string, names: readonly string[], objects: string): Promise<void>;
};
const { findZig } = (await import(`${native}zig.mjs`)) as { findZig(): string | null };

const folder = fileURLToPath(new URL('prebuilt/', native));
const isBuilt = existsSync(`${folder}stamp`);
const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';
const BYTES_MAX = 320_000;

describe.skipIf(!isBuilt)('the prebuilt addons (node native/build.mjs --prebuilt)', () => {
  it('are there for every platform of the package, each under 320 KB', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.node'));
    expect(names.sort()).toEqual(
      Object.keys(TARGETS)
        .map((name) => `${name}.node`)
        .sort(),
    );
    for (const name of names) expect(statSync(folder + name).size).toBeLessThan(BYTES_MAX);
  });

  it.skipIf(!isLinuxX64)('load on linux-x64 and compute what the tables do', () => {
    const require = createRequire(import.meta.url);
    const addon = require(`${folder}linux-x64-glibc.node`) as {
      crc32c(bytes: Uint8Array, start: number, end: number): number;
      crc32cPortable(bytes: Uint8Array, start: number, end: number): number;
    };
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 31) & 0xff));
    const sum = addon.crc32c(bytes, 1, bytes.length);
    expect(sum).toBe(addon.crc32cPortable(bytes, 1, bytes.length));
    expect(addon.crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283);
  });

  it('ask for no C library newer than glibc 2.17', () => {
    for (const name of ['linux-x64-glibc', 'linux-arm64-glibc']) {
      const text = readFileSync(`${folder}${name}.node`, 'latin1');
      const minors = [...text.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      expect(minors.length).toBeGreaterThan(0);
      expect(Math.max(...minors)).toBeLessThanOrEqual(17);
    }
  });
});

describe.skipIf(findZig() === null)('the build with Zig (where it is in the cache)', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'millrace-prebuilt-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('makes the same bytes twice', async () => {
    for (const run of ['a', 'b']) {
      // A cache of its own, so that every source is compiled again.
      await buildPrebuilt(join(scratch, run), ['linux-x64-glibc'], join(scratch, `objects-${run}`));
    }
    const [a, b] = ['a', 'b'].map((run) =>
      readFileSync(join(scratch, run, 'linux-x64-glibc.node')),
    );
    expect(a!.equals(b!)).toBe(true);
  }, 300_000);
});

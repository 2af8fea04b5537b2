import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expectSameBytes } from './oracle.ts';

const SOURCE = new URL('../conformance/kmsg-roundtrip/', import.meta.url).pathname;
const BUILD_LIMIT_MS = 100_000;

const folder = mkdtempSync(join(tmpdir(), 'millrace-kmsg-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("franz-go's kmsg reads what we encode and writes the same bytes", async (context) => {
  const program = join(folder, 'kmsg-roundtrip');
  const build = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: SOURCE,
    timeout: BUILD_LIMIT_MS,
    encoding: 'utf8',
  });
  if (build.status !== 0) {
    const reason = build.error?.message ?? build.stderr;
    console.log(`kmsg is not compared: ${reason}`);
    context.skip(`the Go program could not be built: ${reason}`);
  }
  const { compared, unknown } = await expectSameBytes(program, []);
  console.log(`${compared} messages compared; kmsg lacks ${[...unknown].join(', ') || 'none'}`);
  expect(compared).toBeGreaterThan(5000);
}, 150_000);

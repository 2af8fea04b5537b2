import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const SHORT = ['--seconds', '1', '--quiet', '1', '--settle', '1'];

test('npm run hostile measures what an attack does to the broker and to a healthy client', async () => {
  const words = [MAIN, '--attacks', 'reset,large', ...SHORT];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const rows = stdout.trim().split('\n').slice(2);
  expect(rows.length).toBe(2);
  for (const row of rows) {
    const cells = row.split('|').map((cell) => cell.trim());
    expect(cells[2]).toMatch(/^\d+\.\d \/ \d+\.\d$/);
    expect(cells[3]).toMatch(/^\d+\.\d \/ \d+\.\d \/ \d+\.\d$/);
    expect(cells[5]).toMatch(/^\d+\.\d \/ \d+\.\d$/);
    expect(cells[7]).toMatch(/^\d+(, \d+){3}$/);
  }
}, 60_000);

test('npm run hostile says which attacks there are', async () => {
  const words = [MAIN, '--attacks', 'nonsense'];
  const failing = promisify(execFile)(process.execPath, words);
  await expect(failing).rejects.toThrow(
    /attacks are none,spin,.*many,.*zstd,.*bad-logins.*rivals are kafka,bare/,
  );
});

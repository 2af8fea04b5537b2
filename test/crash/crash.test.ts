import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const MAIN = new URL('./main.mjs', import.meta.url).pathname;
const ROUNDS = 4;

it.each(['os', 'group'])(
  'finds every acknowledged record again after kill -9 under load, durability %s',
  async (durability) => {
    const words = [MAIN, '--rounds', String(ROUNDS), '--durability', durability, '--quiet'];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const figures = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(figures.rounds).toBe(ROUNDS);
    expect(figures.records).toBeGreaterThan(0);
  },
  120_000,
);

it('gives every input one committed output after kill -9 of broker and clients', async () => {
  const words = [MAIN, '--transactions', '--rounds', String(ROUNDS), '--quiet'];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const figures = JSON.parse(stdout.trim().split('\n').at(-1)!);
  expect(figures.rounds).toBe(ROUNDS);
  expect(figures.outputs).toBeGreaterThan(0);
}, 120_000);

it('finds groups, commits and compacted partitions as they were acknowledged after kill -9', async () => {
  const words = [MAIN, '--groups', '--rounds', String(ROUNDS), '--quiet'];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const figures = JSON.parse(stdout.trim().split('\n').at(-1)!);
  expect(figures.rounds).toBe(ROUNDS);
  expect(figures.commits).toBeGreaterThan(0);
}, 120_000);

it.each(['classic', 'streams'])(
  'gives every input its outputs, exactly once, after kill -9 of applications and broker, %s groups',
  async (protocol) => {
    const kind = ['--streams', '--protocol', protocol];
    const words = [MAIN, ...kind, '--rounds', String(ROUNDS), '--quiet'];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const figures = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(figures.rounds).toBe(ROUNDS);
    expect(figures.outputs).toBeGreaterThan(0);
  },
  120_000,
);

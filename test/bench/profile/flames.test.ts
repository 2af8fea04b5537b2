import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type CpuProfile, callTree } from '../../../bench/profile/call-tree.ts';
import { writeFlames } from '../../../bench/profile/write-flames.ts';

function node(id: number, functionName: string, children: number[] = []) {
  return { id, callFrame: { functionName, url: 'file:///x/y.js', lineNumber: 6 }, children };
}

/** main calls work twice by the same path, and work calls deep once. */
const PROFILE: CpuProfile = {
  nodes: [
    { ...node(1, '(root)', [2, 5]) },
    node(2, 'main', [3, 4]),
    node(3, 'work'),
    node(4, 'work', [6]),
    { id: 5, callFrame: { functionName: '(idle)', url: '', lineNumber: -1 } },
    node(6, '<deep> & low'),
  ],
  samples: [3, 4, 6, 5, 2],
  timeDeltas: [10_000, 20_000, 40_000, 999_000, 5_000],
};

it('adds up calls of the same function by the same path, without idle time', () => {
  const root = callTree(PROFILE);
  expect(root.us).toBe(75_000);
  const [main] = root.calls;
  expect([main!.name, main!.us]).toEqual(['main y.js:7', 75_000]);
  expect(main!.calls.map(({ name, us }) => [name, us])).toEqual([['work y.js:7', 70_000]]);
});

it('draws the threads of all processes on one page that needs nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-flames-'));
  await mkdir(join(folder, 'profiles', 'broker'), { recursive: true });
  const file = join(folder, 'profiles', 'broker', 'CPU.20261130.081500.77.0.001.cpuprofile');
  await writeFile(file, JSON.stringify(PROFILE));
  const asked = { folder: join(folder, 'out'), title: 'produce --acks all', source: 'a command' };
  const path = await writeFlames(join(folder, 'profiles'), asked);
  const page = await readFile(path!, 'utf8');
  await rm(folder, { recursive: true });
  expect(path).toContain('flame-produce-acks-all.html');
  expect(page).toContain('broker, process 77, thread 0: 0.07 s');
  expect(page).toContain('&lt;deep> &amp; low');
  expect(page).not.toMatch(/(?:src|href)=/);
});

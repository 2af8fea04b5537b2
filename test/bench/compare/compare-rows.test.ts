import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRows, comparisonTable } from '../../../bench/compare/compare-rows.ts';
import { earlierBuild } from '../../../bench/compare/earlier-build.ts';
import { keptRun, notComparable } from '../../../bench/compare/kept-run.ts';
import { ASYNC_BATCH } from '../../../bench/scenarios/async-batch.ts';
import { SYNC } from '../../../bench/scenarios/sync.ts';
import { fixtureRow, fixtureRun } from '../page/fixture-run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-compare-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('rows of two runs', () => {
  it('finds all figures of a slower build lost, and leaves out what one run lacks', () => {
    const before = [fixtureRow(ASYNC_BATCH, 'earlier', [1, 1.01, 0.99])];
    const after = [
      fixtureRow(ASYNC_BATCH, 'millrace', [2, 2.02, 1.98]),
      fixtureRow(SYNC, 'millrace', [1]),
    ];
    const compared = compareRows(before, after);
    expect(compared.map(({ scenario }) => scenario)).toEqual(Array(5).fill('async-batch'));
    expect(compared.map(({ verdict }) => verdict)).toEqual(Array(5).fill('lost'));
    expect(comparisonTable(compared)).toContain(
      '| async-batch | memory, MiB | 36.0 | 72.0 | +100 % | 4 % | 3 | lost |',
    );
  });

  it('says that nothing is known of the noise of one round', () => {
    const row = fixtureRow(ASYNC_BATCH, 'millrace', [1]);
    expect(comparisonTable(compareRows([row], [row]))).toContain('| not known | 1 | same |');
  });

  it('reads a kept run, and says what is wrong with another file', async () => {
    const path = join(folder, 'report.json');
    await writeFile(path, JSON.stringify(fixtureRun()));
    expect(await keptRun(path)).toEqual(fixtureRun());
    await writeFile(path, '{"rows": 1}');
    await expect(keptRun(path)).rejects.toThrow(`${path} is not a report.json of the table`);
    await expect(keptRun(join(folder, 'none.json'))).rejects.toThrow('none.json cannot be read');
  });

  it('compares nothing across machines', () => {
    const run = fixtureRun();
    const elsewhere = { ...run, origin: { ...run.origin, machine: '64 cores' } };
    expect(notComparable(run, run)).toBeUndefined();
    expect(notComparable(elsewhere, run)).toBe('the earlier run is of another machine: 64 cores');
  });

  it('says what an earlier build lacks', async () => {
    await expect(earlierBuild(folder, folder)).rejects.toThrow(
      'there is no dist/bundle/cli/main.js',
    );
    await expect(earlierBuild('no-such-thing', folder)).rejects.toThrow(
      'no-such-thing is no file, no folder and no commit',
    );
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import * as NAMES from '../../../src/client/metrics/metric-names.ts';

it('has a row in the README for each metric, word for word, and no other', () => {
  const path = resolve(import.meta.dirname, '../../../src/client/metrics/README.md');
  const rows = Array.from(
    readFileSync(path, 'utf8').matchAll(/^\| `([\w-]+-[\w-]+)` +\| (.+?) +\|$/gm),
    ([, name, says]) => `${name}: ${says}`,
  ).filter((row) => !row.startsWith('metric-names:'));
  const named = Object.values(NAMES).flatMap((group) =>
    Object.entries(group).map(([name, says]) => `${name}: ${says}`),
  );
  expect(rows.sort()).toEqual(named.sort());
});

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setStraysAside } from '../../src/log/stray-partitions.ts';

let directory: string;

function partition(name: string, topicId: string): void {
  mkdirSync(join(directory, name));
  const text = `version: 0\ntopic_id: ${topicId}\n`;
  if (topicId !== '') writeFileSync(join(directory, name, 'partition.metadata'), text);
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-stray-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

test('only directories of the partitions that the node holds keep their names', () => {
  partition('orders-0', 'A');
  partition('orders-1', 'OLD');
  partition('gone-3', 'G');
  partition('new-0', '');
  mkdirSync(join(directory, '__millrace_metadata'));
  const held = new Map([
    ['orders-0', 'A'],
    ['orders-1', 'A'],
    ['new-0', 'N'],
  ]);
  const strays = setStraysAside(directory, (name) => held.get(name) ?? null);
  expect(strays).toEqual(['gone-3', 'orders-1']);
  const names = readdirSync(directory).sort();
  expect(names.filter((name) => !name.endsWith('-stray'))).toEqual([
    '__millrace_metadata',
    'new-0',
    'orders-0',
  ]);
  expect(names.filter((name) => /^(gone-3|orders-1)\.[0-9a-f]{32}-stray$/.test(name)).length).toBe(
    2,
  );
  expect(setStraysAside(directory, (name) => held.get(name) ?? null)).toEqual([]);
});

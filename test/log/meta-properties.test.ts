import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMetaProperties, writeMetaProperties } from '../../src/log/meta-properties.ts';

const WRITTEN = { clusterId: 'abc=def', nodeId: 7, directoryId: 'AAAAAAAAAAAAAAAAAAAADQ' };

let directory: string;
const file = () => join(directory, 'meta.properties');

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-meta-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

test('reads what it writes, and nothing where there is no file', () => {
  expect(readMetaProperties(directory)).toBe(null);
  writeMetaProperties(directory, WRITTEN);
  expect(readMetaProperties(directory)).toEqual(WRITTEN);
  expect(readFileSync(file(), 'utf8')).toMatch(/^#\n#.*\nnode\.id=7\n/);
});

test('reads what Kafka writes', () => {
  const lines = ['#', '#Mon Nov 30 14:00:00 UTC 2026', 'node.id=3', 'version=1'];
  const ids = ['directory.id=AAAAAAAAAAAAAAAAAAAADQ', 'cluster.id=xyz'];
  writeFileSync(file(), `${[...lines, ...ids].join('\n')}\n`);
  expect(readMetaProperties(directory)).toMatchObject({ nodeId: 3, clusterId: 'xyz' });
});

test('a file that lacks something is refused: without its id a directory counts as empty', () => {
  writeFileSync(file(), 'version=1\ncluster.id=xyz\nnode.id=3\n');
  expect(() => readMetaProperties(directory)).toThrow('cluster.id, node.id and directory.id');
});

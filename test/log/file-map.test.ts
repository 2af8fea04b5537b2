import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemCodeOf } from '../../src/base/errors.ts';
import { errnoOf } from '../../src/base/system-errno.ts';
import { mapFile, unmapFile } from '../../src/log/file-map.ts';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';

const EIO = 5;

skipWithoutAddon('without maps a file is copied, and keeps no pages to lose');

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-map-'));
  path = join(directory, 'file');
  writeFileSync(path, Buffer.alloc(20_000, 'x'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('gives a whole file back without a word', () => {
  const bytes = mapFile(path, 20_000);
  expect(bytes.every((byte) => byte === 0x78)).toBe(true);
  unmapFile(path, bytes);
  expect(bytes.length).toBe(0);
  unmapFile(path, mapFile(path, 0));
});

it('says EIO of a file that lost a page that was read, and only of that', () => {
  const unread = mapFile(path, 20_000);
  truncateSync(path, 4096);
  unmapFile(path, unread);
  const bytes = mapFile(path, 20_000);
  expect(bytes.indexOf(0)).toBe(4096);
  let thrown: unknown;
  try {
    unmapFile(path, bytes);
  } catch (error) {
    thrown = error;
  }
  expect(systemCodeOf(thrown)).toBe('EIO');
  expect(errnoOf(thrown)).toBe(EIO);
  expect(String(thrown)).toContain(path);
  expect(bytes.length).toBe(0);
});

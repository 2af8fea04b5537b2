import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReadSource } from '../../../src/log/portable/read-source.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { Random } from '../../records/random.ts';

const random = new Random(17);

let directory = '';
let path = '';
let indexPath = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-source-'));
  path = join(directory, '0.log');
  indexPath = join(directory, '0.index');
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('holds any stretch of the file, also while others use the same window', () => {
  const bytes = random.bytes(300_000);
  const turned = Buffer.from(bytes).reverse();
  writeFileSync(path, bytes);
  writeFileSync(`${path}2`, turned);
  const one = new ReadSource(path, indexPath);
  const other = new ReadSource(`${path}2`, indexPath);
  for (let round = 0; round < 200; round++) {
    const start = random.below(bytes.length);
    const end = start + random.below(bytes.length - start);
    const [source, whole] = round % 3 === 0 ? [other, turned] : [one, bytes];
    source.hold(start, end, whole.length);
    const held = source.bytes.subarray(start - source.origin, end - source.origin);
    expect(held.equals(whole.subarray(start, end))).toBe(true);
  }
});

it('reads to send at most what is asked for, but never less than the first batch', () => {
  const batch = buildBatch([{ value: random.bytes(10_000) }]);
  const bytes = Buffer.concat([batch, batch, batch]);
  writeFileSync(path, bytes);
  const source = new ReadSource(path, indexPath);
  expect(source.holdToSend(0, batch.length + 5, bytes.length)).toBe(batch.length + 5);
  expect(source.holdToSend(batch.length, 100, bytes.length)).toBe(2 * batch.length);
  const sent = source.bytes;
  expect(source.origin).toBe(batch.length);
  source.hold(0, 1000, bytes.length);
  source.release();
  expect(sent.equals(batch)).toBe(true);
});

it('goes on with the name that its owner gave a file before its removal', () => {
  writeFileSync(path, 'before');
  const source = new ReadSource(path, indexPath);
  renameSync(path, `${path}.deleted`);
  source.hold(0, 6, 6);
  expect(source.bytes.toString('latin1', 0, 6)).toBe('before');
});

it('names a file that was cut while it was in use', () => {
  writeFileSync(path, Buffer.alloc(1000));
  const source = new ReadSource(path, indexPath);
  truncateSync(path, 500);
  expect(source.lostPath).toBe('');
  expect(() => source.hold(0, 1000, 1000)).toThrow(/EIO/);
  expect(source.lostPath).toBe(path);
});

it('reads on in an index that grows, up to its zero tail', () => {
  const index = Buffer.alloc(80_000);
  const fill = (from: number, to: number) => {
    for (let at = from; at < to; at += 8) index.writeInt32BE(at + 1, at + 4);
    writeFileSync(indexPath, index);
  };
  const source = new ReadSource(path, indexPath);
  expect(source.indexFor(100).length).toBe(0);
  fill(0, 800);
  expect(source.indexFor(200).equals(index.subarray(0, 800))).toBe(true);
  fill(800, 70_000);
  expect(source.indexFor(200).length).toBe(800);
  expect(source.indexFor(300).equals(index.subarray(0, 70_000))).toBe(true);
});

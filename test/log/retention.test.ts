import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOG_SUFFIX, segmentPath } from '../../src/log/file-names.ts';
import { DeletedFiles } from '../../src/log/retention.ts';

let directory: string;
let deleted: DeletedFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-deleted-'));
  deleted = new DeletedFiles();
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A segment that is written, and then gone for its log. */
function remove(text: string, wallMs: number): void {
  writeFileSync(segmentPath(directory, 0, LOG_SUFFIX), text);
  deleted.add(directory, 0, wallMs);
}

function texts(): string[] {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .sort();
}

describe('segments of one base offset that are deleted one after the other', () => {
  it('are kept side by side, the newest under the name that late readers look for', () => {
    remove('first', 0);
    remove('second', 10);
    remove('third', 20);
    expect(texts()).toEqual(['first', 'second', 'third']);
    expect(readFileSync(`${segmentPath(directory, 0, LOG_SUFFIX)}.deleted`, 'utf8')).toBe('third');
    for (const name of readdirSync(directory)) expect(name.endsWith('.deleted')).toBe(true);
  });

  it('go each when its own delay is over', async () => {
    remove('first', 0);
    remove('second', 10);
    deleted.release(55, 50);
    await expect.poll(texts).toEqual(['second']);
    deleted.release(60, 50);
    await expect.poll(texts).toEqual([]);
  });
});

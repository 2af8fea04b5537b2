import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLmdbCheck } from '#millrace/streams/start-lmdb-check';
import { text } from '../../../src/client/serde/serdes.ts';
import { LmdbFile } from '../../../src/streams/lmdb/lmdb-file.ts';
import { openLmdb } from '../../../src/streams/lmdb/lmdb-module.ts';
import { TaskState } from '../../../src/streams/state/disk/task-state.ts';
import { makeStore } from '../../../src/streams/state/make-store.ts';
import type { KeyValueStore } from '../../../src/streams/topology/key-value-store.ts';
import type { StateStore } from '../../../src/streams/topology/state-store.ts';
import type { StoreSpec } from '../../../src/streams/topology/store-spec.ts';
import type { WindowStore } from '../../../src/streams/topology/window-store.ts';
import * as onDisk from '../state/disk/state-specs.ts';
import { FakeContext, SETTINGS } from '../state/store-harness.ts';

const CHILD = join(import.meta.dirname, '../state/disk/committing-child.mjs');
const LMDB = { name: 'lmdb', cacheBytes: 1_000, newFile: () => new LmdbFile(startLmdbCheck) };
const COUNTS: StoreSpec = { ...onDisk.COUNTS, storeType: LMDB };
const WINDOWS: StoreSpec = { ...onDisk.WINDOWS, storeType: LMDB };
/** One whose rows are in memory, beside them. */
const TEXTS: StoreSpec = {
  ...SETTINGS,
  name: 'texts',
  kind: 'key-value',
  timestamped: false,
  key: text,
  value: text,
};

class OtherContext extends FakeContext {
  override readonly applicationId = 'other';
}

interface Opened {
  readonly state: TaskState;
  readonly counts: KeyValueStore<string, number>;
  readonly windows: WindowStore<string, string>;
  readonly texts: KeyValueStore<string, string>;
  /** Whether the files were looked at before they were opened. */
  readonly wasChecked: boolean;
  close(): void;
}

describe('stores in lmdb on disk', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-lmdb-'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function open(
    at = directory,
    context = new FakeContext(),
    specs = [COUNTS, WINDOWS, TEXTS],
  ) {
    const stores = new Map<string, StateStore>();
    for (const spec of specs) stores.set(spec.name, makeStore(spec));
    for (const store of stores.values()) store.open(context);
    const state = new TaskState('0_0', at, stores.values());
    const { opening } = state;
    await opening;
    const get = <S>(name: string) => stores.get(name) as S;
    const opened: Opened = {
      state,
      counts: get('counts'),
      windows: get('windows'),
      texts: get('texts'),
      wasChecked: opening !== undefined,
      close() {
        for (const store of stores.values()) store.close();
        state.close();
      },
    };
    return opened;
  }

  function contents({ counts, windows, state }: Opened) {
    return {
      counts: Array.from(counts.all(), ({ key, value, timestamp }) => [key, value, timestamp]),
      windows: Array.from(windows.all(), ({ key, value }) => [key.key, key.window.start, value]),
      offsets: Object.fromEntries(state.offsets),
    };
  }

  function write(opened: Opened, round: number): void {
    for (let each = 0; each < 50; each++) {
      opened.counts.put(`k${(round * 7 + each) % 300}`, round * 1000 + each, each);
      opened.windows.put(`w${each % 5}`, `v${round}`.repeat(20), round * 10 + each);
    }
    opened.counts.delete(`k${round % 300}`);
    opened.texts?.put('round', `${round}`);
  }

  function commit({ state }: Opened, offset: number): void {
    state.commit(new Map(['counts', 'windows', 'texts'].map((name) => [name, offset])));
  }

  async function filled(rounds = 20): Promise<Opened> {
    const opened = await open();
    for (let round = 0; round < rounds; round++) {
      write(opened, round);
      commit(opened, round + 1);
    }
    return opened;
  }

  it('are there again after a close, with the offsets of the last commit', async () => {
    const first = await filled();
    const expected = contents(first);
    expect(expected.counts.length).toBeGreaterThan(150);
    expect(expected.offsets).toEqual({ counts: 20, windows: 20, texts: 20 });
    write(first, 20);
    first.close();
    const again = await open();
    expect(again.wasChecked).toBe(false);
    expect(contents(again)).toEqual(expected);
    expect(again.texts.get('round')).toBe('19');
    write(again, 21);
    commit(again, 22);
    const later = contents(again);
    again.close();
    const last = await open();
    expect(contents(last)).toEqual(later);
    last.close();
  });

  it('have nothing of what was aborted, nor of what was only prepared', async () => {
    const opened = await filled();
    const expected = contents(opened);
    write(opened, 30);
    opened.state.abort();
    expect(contents(opened)).toEqual(expected);
    opened.counts.put('k1', -1, 1);
    opened.counts.delete('k2');
    opened.state.prepare();
    expect(opened.counts.get('k2')).toBeNull();
    opened.counts.put('k2', -2, 2);
    expect(opened.counts.get('k1')).toBe(-1);
    opened.close();
    const again = await open();
    expect(contents(again)).toEqual(expected);
    again.close();
  });

  it('are looked at by another process where they were not closed, and used', async () => {
    const opened = await filled();
    const expected = contents(opened);
    const copy = join(directory, 'copy');
    mkdirSync(copy);
    for (const name of ['counts.rows', 'windows.rows']) {
      copyFileSync(join(directory, name), join(copy, name));
    }
    opened.close();
    const again = await open(copy);
    expect(again.wasChecked).toBe(true);
    expect(contents(again)).toMatchObject({ counts: expected.counts, windows: expected.windows });
    expect(again.state.offsets.get('counts')).toBe(20);
    again.close();
  });

  /** What is left of the counts after a damage: all of them, or nothing. */
  async function survives(damaged: Buffer, mark: boolean, whole: unknown): Promise<boolean> {
    const path = join(directory, 'counts.rows');
    writeFileSync(path, damaged);
    if (!mark) rmSync(`${path}.closed`, { force: true });
    const again = await open(directory, new FakeContext(), [COUNTS]);
    expect(again.wasChecked).toBe(true);
    const offset = again.state.offsets.get('counts');
    const rows = Array.from(again.counts.all(), ({ key, value }) => [key, value]);
    if (offset === undefined) expect(rows).toEqual([]);
    else expect(rows).toEqual(whole);
    again.close();
    return offset !== undefined;
  }

  it('are used whole or thrown away, wherever bytes are flipped', async () => {
    const opened = await filled();
    const whole = Array.from(opened.counts.all(), ({ key, value }) => [key, value]);
    opened.close();
    const bytes = readFileSync(join(directory, 'counts.rows'));
    let kept = 0;
    const places = 24;
    for (let place = 0; place < places; place++) {
      const damaged = Buffer.from(bytes);
      const page = Math.floor((place / places) * (bytes.length / 4096)) * 4096;
      // Heads of pages, the places of their rows, and the rows at their end.
      const at = page + [0, 10, 12, 17, 24, 2000, 4000, 4090][place % 8]!;
      damaged[at]! ^= 1 << (place % 7);
      if (await survives(damaged, place % 2 === 0, whole)) kept++;
    }
    expect(kept).toBeLessThan(places);
  });

  it('are thrown away where a part of the file is gone, or it is another file', async () => {
    const opened = await filled();
    opened.close();
    const bytes = readFileSync(join(directory, 'counts.rows'));
    const zeros = Buffer.from(bytes).fill(0, 8192, 16384);
    const noise = Buffer.from(bytes).fill('noise', 8192);
    for (const damaged of [zeros, noise, bytes.subarray(0, 8192), bytes.subarray(0, 100)]) {
      expect(await survives(damaged, false, [])).toBe(false);
    }
  });

  it('do not ask a mark that was cut off', async () => {
    const opened = await filled();
    const expected = contents(opened);
    opened.close();
    truncateSync(join(directory, 'counts.rows.closed'), 5);
    const again = await open();
    expect(again.wasChecked).toBe(true);
    expect(contents(again)).toEqual(expected);
    again.close();
  });

  it('refuse the file of another application', async () => {
    (await filled(1)).close();
    const other = open(directory, new OtherContext(), [COUNTS]);
    await expect(other).rejects.toMatchObject({ code: 'STATE_FOREIGN' });
  });

  it('begin anew where the store has become another one', async () => {
    (await filled(1)).close();
    const { timestamped: _was, ...plain } = COUNTS as Extract<StoreSpec, { kind: 'key-value' }>;
    const again = await open(directory, new FakeContext(), [{ ...plain, timestamped: false }]);
    expect(again.state.offsets.has('counts')).toBe(false);
    expect([...again.counts.all()]).toEqual([]);
    again.close();
  });

  it('are thrown away where a row is not as it was written', async () => {
    const opened = await filled();
    opened.close();
    const path = join(directory, 'counts.rows');
    const database = openLmdb(path);
    const key = Buffer.concat([Buffer.of(1), Buffer.from('k100')]);
    const value = Buffer.from(database.getBinaryFast(key)!.slice(0, database.lastSize));
    value[9]! ^= 1;
    database.putSync(key, value);
    database.close();
    rmSync(`${path}.closed`);
    const checked = await open(directory, new FakeContext(), [COUNTS]);
    expect(checked.state.offsets.has('counts')).toBe(false);
    checked.close();
  });

  it('refuse keys that lmdb cannot have', async () => {
    const opened = await open();
    opened.counts.put('k'.repeat(1_977), 1);
    expect(() => opened.counts.put('k'.repeat(1_978), 1)).toThrow(
      expect.objectContaining({ code: 'STATE_ARGUMENT' }),
    );
    commit(opened, 1);
    expect(opened.counts.get('k'.repeat(1_977))).toBe(1);
    opened.close();
  });

  it('keep large values and many rows', async () => {
    const opened = await open(directory, new FakeContext(), [WINDOWS]);
    const large = 'x'.repeat(100_000);
    for (let i = 0; i < 300; i++) opened.windows.put(`k${i}`, `${large}${i}`, 10);
    commit(opened, 1);
    opened.close();
    const again = await open(directory, new FakeContext(), [WINDOWS]);
    for (let i = 0; i < 300; i += 37) expect(again.windows.get(`k${i}`, 10)).toBe(`${large}${i}`);
    expect(Array.from(again.windows.all()).length).toBe(300);
    again.close();
  });

  it('are closed while they are looked at', async () => {
    (await filled(1)).close();
    rmSync(join(directory, 'counts.rows.closed'));
    const store = makeStore(COUNTS);
    store.open(new FakeContext());
    const { opening } = new TaskState('0_0', directory, [store]);
    store.close();
    await opening;
    expect(existsSync(join(directory, 'counts.rows'))).toBe(true);
    const again = await open();
    expect(again.state.offsets.get('counts')).toBe(1);
    again.close();
  });

  /** A process that commits for ever and says after each commit how far it is. */
  async function runChild(limit: string): Promise<{ committed: number; said: string }> {
    const script = `trap '' XFSZ; ${limit} exec "$0" "$@"`;
    const args = ['-c', script, process.execPath, CHILD, directory, 'lmdb'];
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const closed = once(child, 'close');
    if (limit === '') {
      while (!said.includes('ready')) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 150 + (said.length % 7) * 10));
      child.kill('SIGKILL');
    }
    await closed;
    return { committed: Number(said.match(/\d+\n/g)?.at(-1) ?? 0), said };
  }

  async function checkChild(committed: number): Promise<void> {
    const opened = await open(directory, new FakeContext(), [COUNTS]);
    const offset = opened.state.offsets.get('counts') ?? 0;
    expect(offset).toBeGreaterThanOrEqual(committed);
    const rows = Array.from(opened.counts.range('k', 'l'), ({ value }) => value);
    expect(rows).toEqual(new Array(100).fill(offset));
    expect([...opened.counts.range('g', 'h')].length).toBe(offset);
    opened.close();
  }

  it('hold each commit that was told, whole, however the process is killed', async () => {
    for (let round = 0; round < 4; round++) {
      const { committed } = await runChild('');
      expect(committed).toBeGreaterThan(0);
      await checkChild(committed);
    }
  });

  it('say that the disk is full, and keep the commits before', async () => {
    const { said, committed } = await runChild('ulimit -f 200;');
    expect(said).toMatch(/STATE_DISK .*cannot be written/);
    expect(said).toMatch(/again STATE_DISK/);
    expect(committed).toBeGreaterThan(10);
    await checkChild(committed);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { text } from '../../../../src/client/serde/serdes.ts';
import { int64 } from '../../../../src/streams/serde/numbers.ts';
import { type StateOrigin, TaskState } from '../../../../src/streams/state/disk/task-state.ts';
import { makeStore } from '../../../../src/streams/state/make-store.ts';
import type { KeyValueStore } from '../../../../src/streams/topology/key-value-store.ts';
import type { StateStore } from '../../../../src/streams/topology/state-store.ts';
import type { StoreSpec } from '../../../../src/streams/topology/store-spec.ts';
import type { SuppressBuffer } from '../../../../src/streams/topology/suppress-buffer.ts';
import type { VersionedKeyValueStore } from '../../../../src/streams/topology/versioned-store.ts';
import type { WindowStore } from '../../../../src/streams/topology/window-store.ts';
import { FakeContext, SETTINGS } from '../store-harness.ts';
import { COUNTS, WINDOWS } from './state-specs.ts';

const HISTORY: StoreSpec = {
  ...SETTINGS,
  name: 'history',
  kind: 'versioned',
  key: text,
  value: text,
  historyMs: 1000,
  segmentMs: 100,
};
const HELD: StoreSpec = { ...SETTINGS, name: 'held', kind: 'suppress', key: text, value: text };
const SPECS = [COUNTS, WINDOWS, HISTORY, HELD];
const CHILD = join(import.meta.dirname, 'committing-child.mjs');

interface Opened {
  readonly state: TaskState;
  readonly counts: KeyValueStore<string, number>;
  readonly windows: WindowStore<string, string>;
  readonly history: VersionedKeyValueStore<string, string>;
  readonly held: SuppressBuffer<string, string>;
  close(): void;
}

describe('the state of a task on disk', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function open(specs: readonly StoreSpec[] = SPECS, task = '0_0'): Opened {
    const context = new FakeContext();
    const stores = new Map<string, StateStore>();
    for (const spec of specs) stores.set(spec.name, makeStore(spec));
    for (const store of stores.values()) store.open(context);
    const state = new TaskState(task, directory, stores.values());
    const get = <S>(name: string) => stores.get(name) as S;
    return {
      state,
      counts: get('counts'),
      windows: get('windows'),
      history: get('history'),
      held: get('held'),
      close() {
        state.close();
        for (const store of stores.values()) store.close();
      },
    };
  }

  function contents({ counts, windows, history, held, state }: Opened) {
    return {
      counts: Array.from(counts.all(), ({ key, value, timestamp }) => [key, value, timestamp]),
      windows: Array.from(windows.all(), ({ key, value }) => [key.key, key.window.start, value]),
      history: Array.from(history.versions('k', 0, 10_000), ({ value, timestamp }) => [
        value,
        timestamp,
      ]),
      held: [held.count, held.bytes, held.minTimestamp],
      offsets: Object.fromEntries(state.offsets),
    };
  }

  function write(opened: Opened, round: number): void {
    for (let each = 0; each < 50; each++) {
      opened.counts.put(`k${(round * 7 + each) % 300}`, round * 1000 + each, each);
      opened.windows.put(`w${each % 5}`, `v${round}`, round * 10 + each);
    }
    opened.counts.delete(`k${round % 300}`);
    opened.history.put('k', round % 5 === 4 ? null : `v${round}`, round * 10);
    const headers = new FakeContext().headers;
    const origin = { topic: 't', partition: 0, offset: round, timestamp: round, headers };
    opened.held.put(
      round,
      `h${round % 9}`,
      { newValue: 'x', oldValue: null, isLatest: true },
      origin,
    );
  }

  /** What the next one that opens the directory finds in it. */
  function contentsOfNext(origin: StateOrigin = 'read') {
    const next = open();
    expect(next.state.origin).toBe(origin);
    const found = contents(next);
    next.close();
    return found;
  }

  function commit({ state }: Opened, offset: number): void {
    state.commit(new Map(SPECS.map(({ name }) => [name, offset])));
  }

  function filesIn(): string[] {
    return readdirSync(directory).sort();
  }

  it('commits what was prepared, and nothing of what was written since', () => {
    const first = open();
    first.counts.put('a', 1, 10);
    first.windows.put('k', 'v', 10);
    first.state.prepare();
    first.counts.put('a', 2, 20);
    first.counts.put('b', 1, 20);
    first.state.commit(new Map([['counts', 5]]));
    first.close();
    const second = open();
    expect(contents(second)).toMatchObject({
      counts: [['a', 1, 10]],
      windows: [['k', 10, 'v']],
      offsets: { counts: 5 },
    });
    second.counts.put('a', 3, 30);
    second.state.prepare();
    second.close();
    const third = open();
    expect(contents(third)).toMatchObject({ counts: [['a', 1, 10]], offsets: { counts: 5 } });
    third.close();
  });

  it('gives a snapshot its name only when what it holds is committed', () => {
    const value = 'x'.repeat(10_000);
    const first = open();
    let written = 0;
    const snapshots = () => readdirSync(directory).filter((name) => /^snapshot.*state$/.test(name));
    for (let commits = 0; snapshots().length === 0; commits++) {
      expect(commits).toBeLessThan(500);
      for (let i = 0; i < 50; i++) first.windows.put(`k${written++ % 1_000}`, value, 10);
      first.state.prepare();
      const before = snapshots().length;
      first.windows.put('k0', 'not committed', 10);
      first.state.commit(new Map([['windows', written]]));
      if (snapshots().length > before) break;
      first.windows.put('k0', value, 10);
    }
    first.close();
    const second = open();
    expect(second.windows.get('k0', 10)).toBe(value);
    second.close();
  });

  it('is there again after a close, with the offsets of the last commit', () => {
    const first = open();
    expect(first.state.origin).toBe('new');
    for (let round = 0; round < 20; round++) {
      write(first, round);
      commit(first, round + 1);
    }
    const expected = contents(first);
    write(first, 20);
    first.close();
    const again = open();
    expect(again.state.origin).toBe('read');
    expect(contents(again)).toEqual(expected);
    expect(expected.offsets.counts).toBe(20);
    write(again, 21);
    commit(again, 22);
    const later = contents(again);
    again.close();
    expect(contentsOfNext()).toEqual(later);
  });

  it('has nothing of an aborted transaction, in memory and on disk', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 1);
    const expected = contents(opened);
    for (let round = 2; round < 9; round++) write(opened, round);
    opened.state.abort();
    expect(contents(opened)).toEqual(expected);
    write(opened, 9);
    commit(opened, 2);
    const after = contents(opened);
    opened.close();
    expect(contentsOfNext()).toEqual(after);
  });

  it('replaces logs by snapshots, which are consistent with the logs behind them', () => {
    const opened = open();
    const large = 'x'.repeat(20_000);
    for (let round = 0; round < 600; round++) {
      write(opened, round);
      opened.windows.put(`large${round % 40}`, large + round, round * 10);
      commit(opened, round + 1);
    }
    const files = filesIn();
    expect(files.filter((name) => name.startsWith('snapshot')).length).toBe(1);
    expect(files.filter((name) => name.startsWith('log')).length).toBeLessThan(3);
    const bytes = files.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    expect(bytes).toBeLessThan(16e6);
    const expected = contents(opened);
    opened.close();
    expect(contentsOfNext()).toEqual(expected);
  });

  it('can be copied while it is whole', () => {
    const opened = open();
    for (let round = 0; round < 30; round++) {
      write(opened, round);
      commit(opened, round + 1);
    }
    opened.state.snapshotNow();
    expect(filesIn()).toEqual(['log-0000000002.state', 'snapshot-0000000002.state']);
    const expected = contents(opened);
    opened.close();
    expect(contentsOfNext()).toEqual(expected);
  });

  it('goes on without a snapshot that cannot be written, and says why there is none', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 1);
    const blocked = join(directory, 'snapshot-0000000002.state.tmp');
    mkdirSync(blocked);
    opened.state.snapshotNow();
    expect(opened.state.snapshotFailure).toMatchObject({ code: 'STATE_DISK' });
    rmSync(blocked, { recursive: true });
    write(opened, 2);
    commit(opened, 2);
    const expected = contents(opened);
    opened.close();
    const again = open();
    expect(again.state.origin).toBe('read');
    expect(contents(again)).toEqual(expected);
    again.state.snapshotNow();
    expect(again.state.snapshotFailure).toBeUndefined();
    expect(filesIn()).toEqual(['log-0000000003.state', 'snapshot-0000000003.state']);
    again.close();
    expect(contentsOfNext()).toEqual(expected);
  });

  it('goes on from the last whole commit where the end of the log is torn', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 1);
    const expected = contents(opened);
    const path = join(directory, 'log-0000000001.state');
    const { size } = statSync(path);
    write(opened, 2);
    commit(opened, 2);
    opened.close();
    for (const cut of [1, 100, statSync(path).size - size - 1]) {
      const whole = readFileSync(path);
      truncateSync(path, whole.length - cut);
      expect(contentsOfNext('cut')).toEqual(expected);
      expect(statSync(path).size).toBe(size);
      writeFileSync(path, whole);
    }
  });

  it('goes on from the commit before flipped bytes, whatever stands behind them', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 1);
    const expected = contents(opened);
    const path = join(directory, 'log-0000000001.state');
    const { size } = statSync(path);
    for (let round = 2; round < 6; round++) {
      write(opened, round);
      commit(opened, round);
    }
    opened.close();
    const damaged = readFileSync(path);
    damaged[size + 40]! ^= 1;
    writeFileSync(path, damaged);
    const again = open();
    expect(again.state.origin).toBe('cut');
    expect(contents(again)).toEqual(expected);
    write(again, 7);
    commit(again, 7);
    const after = contents(again);
    again.close();
    expect(contentsOfNext()).toEqual(after);
  });

  it('is rebuilt where a snapshot is damaged or the beginning is gone', () => {
    const damages: ((path: string) => void)[] = [
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(path, bytes);
      },
      (path) => truncateSync(path, 50),
      (path) => writeFileSync(path, 'something else'),
      (path) => appendFileSync(path, 'behind the end'),
      (path) => rmSync(path),
    ];
    for (const damage of damages) {
      const opened = open();
      write(opened, 1);
      commit(opened, 1);
      opened.state.snapshotNow();
      opened.close();
      damage(join(directory, filesIn().at(-1)!));
      expect(contentsOfNext('rebuilt')).toEqual({
        counts: [],
        windows: [],
        history: [],
        held: [0, 0, Number.POSITIVE_INFINITY],
        offsets: {},
      });
      rmSync(directory, { recursive: true });
    }
  });

  it('begins a log again that was never written', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 1);
    const expected = contents(opened);
    opened.close();
    for (const bytes of ['', 'MLST', 'MLST\u0001\0\0\0\u0099\0\0\0']) {
      writeFileSync(join(directory, 'log-0000000002.state'), bytes);
      expect(contentsOfNext()).toEqual(expected);
    }
  });

  it('refuses the files of another task', () => {
    open().close();
    expect(() => open(SPECS, '0_1')).toThrow(expect.objectContaining({ code: 'STATE_FOREIGN' }));
  });

  it('restores a store that is new or has become another one, and keeps the rest', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 5);
    const { counts, windows } = contents(opened);
    opened.close();
    const { timestamped: _was, ...plain } = COUNTS as Extract<StoreSpec, { kind: 'key-value' }>;
    const again = open([{ ...plain, timestamped: false }, WINDOWS, HISTORY, HELD]);
    expect(again.state.offsets.has('counts')).toBe(false);
    expect(again.counts.approximateSize()).toBe(0);
    expect(contents(again).windows).toEqual(windows);
    again.close();
    expect(contentsOfNext().counts).toEqual(counts);
  });

  it('writes nothing for a commit without news', () => {
    const opened = open();
    write(opened, 1);
    commit(opened, 1);
    const path = join(directory, 'log-0000000001.state');
    const { size } = statSync(path);
    commit(opened, 1);
    expect(statSync(path).size).toBe(size);
    commit(opened, 2);
    expect(statSync(path).size).toBeGreaterThan(size);
    opened.close();
  });

  it('has rows on disk that were restored from a changelog', () => {
    const opened = open();
    const bytes = int64.serialize(7, '') as Buffer;
    opened.counts.restore(Buffer.from('restored'), bytes, 3, new FakeContext().headers);
    commit(opened, 100);
    opened.close();
    const again = open();
    expect(again.counts.get('restored')).toBe(7);
    expect(again.state.offsets.get('counts')).toBe(100);
    again.close();
  });

  it('keeps in memory what is not persistent, with commits and aborts all the same', () => {
    const specs = SPECS.map((spec) => ({ ...spec, persistent: false }) as StoreSpec);
    const opened = open(specs);
    write(opened, 1);
    commit(opened, 1);
    const { counts } = contents(opened);
    write(opened, 2);
    opened.state.abort();
    expect(contents(opened).counts).toEqual(counts);
    opened.close();
    const again = open(specs);
    expect(again.counts.approximateSize()).toBe(0);
    again.close();
  });

  /** A process that commits for ever and says after each commit how far it is. */
  async function runChild(limit: string): Promise<{ committed: number; said: string }> {
    const script = `trap '' XFSZ; ${limit} exec "$0" "$@"`;
    const child = spawn('bash', ['-c', script, process.execPath, CHILD, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const closed = once(child, 'close');
    if (limit === '') {
      const pause = 150 + (filesIn().length % 7) * 30;
      // The first commit is told, however busy the machine is.
      while (!/\d\n/.test(said)) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, pause));
      child.kill('SIGKILL');
    }
    await closed;
    return { committed: Number(said.match(/\d+\n/g)?.at(-1) ?? 0), said };
  }

  function checkChild(committed: number): void {
    const opened = open([COUNTS]);
    const offset = opened.state.offsets.get('counts') ?? 0;
    expect(offset).toBeGreaterThanOrEqual(committed);
    const rows = Array.from(opened.counts.all(), ({ value }) => value);
    // Each commit adds one to each of a hundred keys.
    if (offset > 0) expect(rows).toEqual(new Array(100).fill(offset));
    opened.close();
  }

  it('holds each commit that was told, whole, however the process is killed', async () => {
    for (let round = 0; round < 4; round++) {
      const { committed } = await runChild('');
      expect(committed).toBeGreaterThan(0);
      checkChild(committed);
    }
  });

  it('says that the disk is full, and keeps the commits before', async () => {
    const { committed, said } = await runChild('ulimit -f 600;');
    expect(said).toMatch(/STATE_DISK .*cannot be written: EFBIG/);
    expect(said).toMatch(/again STATE_DISK/);
    expect(committed).toBeGreaterThan(10);
    checkChild(committed);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installBackgroundDisk, systemBackgroundDisk } from '../../src/base/background-disk.ts';
import { nextTurn } from '../../src/base/next-turn.ts';
import { DataDirectory } from '../../src/log/data-directory.ts';
import { portableReason } from '../../src/log/native.ts';
import { CollectingLogger } from './fixtures.ts';

const ADDON = new URL('../../native/build/millrace.node', import.meta.url).pathname;

let root = '';
let path = '';
let logger: CollectingLogger;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-data-'));
  path = join(root, 'data');
  logger = new CollectingLogger();
});

afterEach(() => {
  installBackgroundDisk(systemBackgroundDisk);
  rmSync(root, { recursive: true, force: true });
});

function makePartition(name: string): void {
  mkdirSync(join(path, name));
  writeFileSync(join(path, name, 'partition.metadata'), 'version: 0\ntopic_id: x\n');
}

describe('a topic whose deletion was decided before a crash', () => {
  const deleted = { id: 'x', name: 'orders', partitions: 3 };

  function leftAfter(isNameTaken: boolean): string[] {
    const directory = DataDirectory.open(path, logger);
    directory.markRunning();
    makePartition('orders-0');
    makePartition('orders-1');
    writeFileSync(join(path, 'orders-1', 'partition.metadata'), 'version: 0\ntopic_id: y\n');
    makePartition('orders-2');
    writeFileSync(join(path, 'orders-2', 'partition.metadata'), '');
    makePartition('orders-3');
    directory.finishDeletions([deleted], () => isNameTaken);
    directory.release();
    return readdirSync(path).filter((name) => name.startsWith('orders'));
  }

  it('loses its directories at the start, and those that do not say whose they are', () => {
    expect(leftAfter(false)).toEqual(['orders-1', 'orders-3']);
  });

  it('leaves what may be that of the topic which has the name now', () => {
    expect(leftAfter(true)).toEqual(['orders-1', 'orders-2', 'orders-3']);
  });
});

describe('the lock', () => {
  it('refuses a second broker with the pid of the first, and is free again after it', () => {
    const first = DataDirectory.open(path, logger);
    expect(() => DataDirectory.open(path, logger)).toThrow(
      `in use by the broker with process id ${process.pid}`,
    );
    first.release();
    first.release();
    DataDirectory.open(path, logger).release();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    if (portableReason !== '') return;
    expect(statSync(join(path, '.lock')).mode & 0o777).toBe(0o600);
  });

  it('is respected by a broker with the addon where one without it holds it, and back', async () => {
    mkdirSync(path);
    const module = new URL('../../dist/log/data-directory.js', import.meta.url).href;
    const script = `const { DataDirectory } = await import(${JSON.stringify(module)});
      const logger = { info() {}, warn() {}, error() {} };
      try {
        DataDirectory.open(${JSON.stringify(path)}, logger);
        process.stdout.write('held');
        setInterval(() => {}, 1000);
      } catch (thrown) {
        process.stdout.write(thrown.message);
      }`;
    const args = ['--input-type=module', '-e', script];
    const start = () => spawn(process.execPath, args, { env: { MILLRACE_NATIVE: 'off' } });
    const holder = start();
    expect(String((await once(holder.stdout, 'data'))[0])).toBe('held');
    expect(() => DataDirectory.open(path, logger)).toThrow(`process id ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const ours = DataDirectory.open(path, logger);
    const late = start();
    expect(String((await once(late.stdout, 'data'))[0])).toContain(`process id ${process.pid}`);
    ours.release();
  });

  it('is free after a kill -9 of the process that held it', async () => {
    mkdirSync(path);
    const script = `const native = require(${JSON.stringify(ADDON)});
      const fs = require('node:fs');
      const fd = fs.openSync(${JSON.stringify(join(path, '.lock'))}, 'a+');
      if (native.lockFile(fd) !== 0) process.exit(1);
      fs.writeSync(fd, String(process.pid));
      process.stdout.write('held');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['-e', script]);
    await once(holder.stdout, 'data');
    expect(() => DataDirectory.open(path, logger)).toThrow(`process id ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    DataDirectory.open(path, logger).release();
  });

  it('says so where the directory cannot be made', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => DataDirectory.open(join(root, 'file', 'data'), logger)).toThrow(/cannot use/);
  });
});

describe('the clean mark', () => {
  it('is there only after a clean stop', () => {
    const first = DataDirectory.open(path, logger);
    expect(first.checkpoints.wasClean).toBe(false);
    first.markRunning();
    first.markClean();
    first.release();
    const second = DataDirectory.open(path, logger);
    expect(second.checkpoints.wasClean).toBe(true);
    second.markRunning();
    second.release();
    const third = DataDirectory.open(path, logger);
    expect(third.checkpoints.wasClean).toBe(false);
    third.release();
  });
});

describe('checkpoints', () => {
  it('are files in the form of Kafka that come back', async () => {
    const first = DataDirectory.open(path, logger);
    first.markRunning();
    makePartition('a-b-0');
    makePartition('a-b-12');
    await first.saveCheckpoints([
      { name: 'a-b-0', logStartOffset: 0, recoveryPoint: 7, highWatermark: 7 },
      { name: 'a-b-12', logStartOffset: 3, recoveryPoint: 9, highWatermark: 8 },
    ]);
    first.release();
    const text = readFileSync(join(path, 'recovery-point-offset-checkpoint'), 'utf8');
    expect(text).toBe('0\n2\na-b 0 7\na-b 12 9\n');
    const second = DataDirectory.open(path, logger);
    expect([...second.checkpoints.recoveryPoints]).toEqual([
      ['a-b-0', 7],
      ['a-b-12', 9],
    ]);
    expect(second.checkpoints.logStartOffsets.get('a-b-12')).toBe(3);
    expect(second.checkpoints.highWatermarks.get('a-b-12')).toBe(8);
    await second.saveCheckpoints([
      { name: 'a-b-0', logStartOffset: 0, recoveryPoint: 8, highWatermark: 8 },
    ]);
    expect(readFileSync(join(path, 'recovery-point-offset-checkpoint'), 'utf8')).toContain(
      'a-b 12 9',
    );
    second.release();
  });

  it('forget the partitions of a deleted topic', async () => {
    const directory = DataDirectory.open(path, logger);
    await directory.saveCheckpoints([
      { name: 'gone-0', logStartOffset: 3, recoveryPoint: 9, highWatermark: 9 },
    ]);
    directory.forgetCheckpoint('gone-0');
    await directory.saveCheckpoints([]);
    expect(readFileSync(join(path, 'log-start-offset-checkpoint'), 'utf8')).toBe('0\n0\n');
    directory.release();
  });

  it('are written one after the other beside the event loop, however slow the disk is', async () => {
    const directory = DataDirectory.open(path, logger);
    const ends: (() => void)[] = [];
    installBackgroundDisk({
      ...systemBackgroundDisk,
      async write(fd, bytes) {
        await new Promise<void>((resolve) => ends.push(resolve));
        return systemBackgroundDisk.write(fd, bytes);
      },
    });
    const saves = [5, 6].map((offset) => directory.saveHighWatermarks(new Map([['t-0', offset]])));
    await nextTurn();
    expect(ends.length).toBe(1);
    ends[0]!();
    await saves[0];
    while (ends.length < 2) await nextTurn();
    ends[1]!();
    await saves[1];
    const text = readFileSync(join(path, 'replication-offset-checkpoint'), 'utf8');
    expect(text).toBe('0\n1\nt 0 6\n');
    directory.release();
  });

  it('that a disk refuses reject, and the next ones are tried all the same', async () => {
    const directory = DataDirectory.open(path, logger);
    installBackgroundDisk({ ...systemBackgroundDisk, write: async () => constants.errno.ENOSPC });
    const moved = new Map([['t-0', 5]]);
    await expect(directory.saveHighWatermarks(moved)).rejects.toMatchObject({ code: 'ENOSPC' });
    installBackgroundDisk(systemBackgroundDisk);
    await directory.saveHighWatermarks(moved);
    const text = readFileSync(join(path, 'replication-offset-checkpoint'), 'utf8');
    expect(text).toBe('0\n1\nt 0 5\n');
    directory.release();
  });

  it('that are damaged are passed over with a word', () => {
    mkdirSync(path);
    for (const text of ['1\n0\n', '0\n2\na 0 1\n', '0\n1\na 0 x\n', 'garbage', '0\n1\na\n']) {
      writeFileSync(join(path, 'recovery-point-offset-checkpoint'), text);
      logger.lines.length = 0;
      const directory = DataDirectory.open(path, logger);
      expect(directory.checkpoints.recoveryPoints.size).toBe(0);
      expect(logger.lines.length).toBe(1);
      directory.release();
    }
  });

  it('tell of a partition whose directory has vanished', async () => {
    const first = DataDirectory.open(path, logger);
    first.markRunning();
    makePartition('kept-0');
    makePartition('lost-0');
    await first.saveCheckpoints([
      { name: 'kept-0', logStartOffset: 0, recoveryPoint: 5, highWatermark: 5 },
      { name: 'lost-0', logStartOffset: 0, recoveryPoint: 5, highWatermark: 5 },
    ]);
    first.markClean();
    first.release();
    rmSync(join(path, 'lost-0'), { recursive: true });
    const second = DataDirectory.open(path, logger);
    expect(() => second.requirePartitions(['kept-0', 'lost-0'])).toThrow(/lost-0 is missing/);
    expect(() => second.requirePartitions(['kept-0', 'never-0'])).not.toThrow();
    second.release();
  });
});

describe('a directory that is not its own', () => {
  it('is refused untouched: from a newer version, or partitions without the mark', () => {
    mkdirSync(path);
    writeFileSync(join(path, 'millrace.version'), '99\n');
    expect(() => DataDirectory.open(path, logger)).toThrow(/newer millrace/);
    rmSync(join(path, 'millrace.version'));
    makePartition('orders-0');
    expect(() => DataDirectory.open(path, logger)).toThrow(/not a whole data directory/);
    expect(existsSync(join(path, 'orders-0', 'partition.metadata'))).toBe(true);
  });
});

describe('leftovers', () => {
  it('of removed partitions are removed at the next start', async () => {
    mkdirSync(join(path, `orders-0.${'ab'.repeat(16)}-delete`), { recursive: true });
    const directory = DataDirectory.open(path, logger);
    const left = join(path, `orders-0.${'ab'.repeat(16)}-delete`);
    await expect.poll(() => existsSync(left)).toBe(false);
    directory.release();
  });
});

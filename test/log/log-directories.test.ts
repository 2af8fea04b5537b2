import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogDirectories } from '../../src/log/log-directories.ts';
import { CollectingLogger } from './fixtures.ts';

const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';

let root: string;
let paths: string[];
let logger: CollectingLogger;
let directories: LogDirectories;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-log-dirs-'));
  paths = ['a', 'b', 'c'].map((name) => join(root, name));
  logger = new CollectingLogger();
});

afterEach(() => {
  directories.release();
  rmSync(root, { recursive: true, force: true });
});

/** Opens them, with the ids id-a, id-b and so on. */
function open(names = paths): LogDirectories {
  directories = LogDirectories.open(names, logger);
  for (const directory of directories.all) directory.id = `id-${directory.path.at(-1)}`;
  return directories;
}

function makePartition(path: string, name: string): void {
  mkdirSync(join(path, name));
}

describe('a partition', () => {
  it('goes to the directory with the fewest', () => {
    open();
    const places = ['t-0', 't-1', 't-2', 't-3'].map((name) => directories.place(name));
    expect(places).toEqual([paths[0], paths[1], paths[2], paths[0]]);
    directories.remove('t-1');
    expect(directories.place('t-4', UNASSIGNED)).toBe(paths[1]);
  });

  it('goes where the controllers or a client say, and a client goes first', () => {
    open();
    expect(directories.place('t-0', 'id-c')).toBe(paths[2]);
    directories.prefer('t-1', paths[1]!);
    expect(directories.place('t-1', 'id-c')).toBe(paths[1]);
    directories.remove('t-1');
    expect(directories.place('t-1', 'id-c')).toBe(paths[2]);
  });

  it('goes to the one with the fewest where the one that is named is none of them', () => {
    open();
    expect(directories.place('t-0', 'id-x')).toBe(paths[0]);
  });

  it('lies where it was found at the start, whatever the controllers say', () => {
    open();
    makePartition(paths[1]!, 'found-0');
    makePartition(paths[2]!, 'aside-0.0123456789abcdef0123456789abcdef-stray');
    directories.findPartitions(() => undefined);
    expect(directories.place('found-0', 'id-c')).toBe(paths[1]);
    expect(directories.all.map(({ partitions }) => [...partitions])).toEqual([[], ['found-0'], []]);
  });

  it('has its high watermark in the directory that it lies in', async () => {
    open();
    makePartition(paths[0]!, 'one-0');
    makePartition(paths[1]!, 'other-3');
    directories.findPartitions(() => undefined);
    await directories.saveHighWatermarks(new Map([['other-3', 5]]));
    const file = (path: string) => join(path, 'replication-offset-checkpoint');
    expect(readFileSync(file(paths[1]!), 'utf8')).toBe('0\n1\nother 3 5\n');
    expect(existsSync(file(paths[0]!))).toBe(false);
  });

  it('may not lie in two directories', () => {
    open();
    makePartition(paths[0]!, 'twice-0');
    makePartition(paths[2]!, 'twice-0');
    expect(() => directories.findPartitions(() => undefined)).toThrow(
      `twice-0 lies in ${paths[0]} and in ${paths[2]}`,
    );
    directories.findPartitions(() => 'id-a');
    expect(directories.place('twice-0')).toBe(paths[0]);
    expect(readdirSync(paths[2]!).filter((name) => name.startsWith('twice'))).toEqual([
      expect.stringMatching(/^twice-0\.[0-9a-f]{32}-stray$/),
    ]);
  });
});

describe('a copy that was being made', () => {
  const COPY = 'moved-0.0123456789abcdef0123456789abcdef-future';
  const names = (path: string) => readdirSync(path).filter((name) => name.startsWith('moved-0'));

  beforeEach(() => {
    open();
    makePartition(paths[2]!, COPY);
  });

  it('is made anew where the log is there', () => {
    makePartition(paths[0]!, 'moved-0');
    directories.findPartitions(() => 'id-c');
    expect([...directories.interrupted]).toEqual([['moved-0', paths[2]]]);
    expect(directories.place('moved-0')).toBe(paths[0]);
    expect(names(paths[2]!).filter((name) => name.endsWith('-future'))).toEqual([]);
  });

  it('takes its place where the controllers know the replica there', () => {
    directories.findPartitions(() => 'id-c');
    expect(names(paths[2]!)).toEqual(['moved-0']);
    expect(directories.place('moved-0')).toBe(paths[2]);
  });

  it('stays where the log may come back', () => {
    directories.findPartitions(() => 'id-of-a-lost-one');
    expect(names(paths[2]!)).toEqual([COPY]);
  });

  it('goes where the node holds the partition no more', () => {
    directories.findPartitions(() => undefined);
    expect(names(paths[2]!).filter((name) => name.endsWith('-future'))).toEqual([]);
  });
});

describe('with a lost directory', () => {
  beforeEach(() => {
    writeFileSync(paths[1]!, 'no directory');
    open();
  });

  it('the others are used', () => {
    expect(directories.all.map(({ isLost }) => isLost)).toEqual([false, true, false]);
    expect(logger.lines.join('\n')).toContain(`log directory ${paths[1]} is lost`);
    expect(directories.place('t-0', UNASSIGNED)).toBe(paths[0]);
    expect(directories.place('t-1', UNASSIGNED)).toBe(paths[2]);
    expect(directories.place('t-2', 'id-c')).toBe(paths[2]);
  });

  it('a partition that may lie in it is not made anew', () => {
    expect(directories.place('t-0', 'id-of-the-lost-one')).toBeNull();
    directories.findPartitions(() => undefined);
    makePartition(paths[2]!, 'moved-0');
    directories.findPartitions(() => undefined);
    expect(directories.place('moved-0', 'id-of-the-lost-one')).toBe(paths[2]);
  });

  it('no registration counts as one that was left by a clean stop', () => {
    directories.markRunning();
    directories.markClean(7);
    expect(existsSync(join(paths[0]!, '.kafka_cleanshutdown'))).toBe(true);
    directories.release();
    open();
    expect(directories.cleanEpoch).toBe(-1);
  });
});

it('cannot be opened where all are lost', () => {
  for (const path of paths) writeFileSync(path, 'no directory');
  expect(() => LogDirectories.open(paths, logger)).toThrow(/cannot use .*a.*; .*cannot use .*b/);
  rmSync(paths[0]!);
  open();
});

it('cannot be opened where another broker has one of them', () => {
  open([paths[1]!]);
  expect(() => LogDirectories.open(paths, logger)).toThrow('is in use by the broker');
  LogDirectories.open([paths[0]!], logger).release();
});

describe('checkpoints', () => {
  const at = (name: string, recoveryPoint: number) => {
    return { name, logStartOffset: 1, recoveryPoint, highWatermark: 2 };
  };

  it('lie in the directory of their partition', async () => {
    open();
    directories.markRunning();
    for (const name of ['t-0', 't-1']) {
      makePartition(directories.place(name)!, name);
    }
    await directories.saveCheckpoints([at('t-0', 5), at('t-1', 6), at('unknown-0', 7)]);
    directories.markClean(9);
    directories.release();
    open();
    directories.findPartitions(() => undefined);
    const { recoveryPoints, logStartOffsets, highWatermarks, wasClean } = directories.checkpoints;
    expect([...recoveryPoints]).toEqual([
      ['t-0', 5],
      ['t-1', 6],
    ]);
    expect([logStartOffsets.get('t-1'), highWatermarks.get('t-1')]).toEqual([1, 2]);
    expect([wasClean, directories.cleanEpoch]).toEqual([true, 9]);
  });

  it('stay clean where an empty directory is added, which no registration knew', () => {
    open(paths.slice(0, 2));
    directories.markRunning();
    directories.markClean(9);
    directories.release();
    open();
    expect([directories.checkpoints.wasClean, directories.cleanEpoch]).toEqual([true, -1]);
  });
});

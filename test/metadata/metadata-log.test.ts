import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../../src/base/logger.ts';
import type { MetadataImage } from '../../src/metadata/image.ts';
import { ImageDraft } from '../../src/metadata/image-draft.ts';
import { recordsOf } from '../../src/metadata/image-records.ts';
import { encodeHeader, HEADER_BYTES } from '../../src/metadata/metadata-frames.ts';
import { MetadataLog } from '../../src/metadata/metadata-log.ts';
import type { MetadataRecord } from '../../src/metadata/records.ts';
import { MemoryDisk, systemError } from './memory-disk.ts';

const DIRECTORY = '/data/__millrace_metadata';
const LOG = `${DIRECTORY}/00000000000000000000.log`;
const CLUSTER: MetadataRecord = { type: 'cluster', clusterId: 'c', nodeId: 1, brokerEpoch: 0 };

function recordingLogger(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const add = (line: string) => lines.push(line);
  return { lines, info: add, warn: add, error: add };
}

function storeOn(files: MemoryDisk, snapshotBytes = 1_000_000, logger = recordingLogger()) {
  return new MetadataLog({ logDir: '/data', logger, snapshotBytes, files });
}

const topic = (name: string, partitions = 1): MetadataRecord => ({
  type: 'topic',
  name,
  id: `id-of-${name}`,
  partitions,
  replicas: [1],
  configs: [],
});

/** Commits each list of records in turn and answers the image they lead to. */
async function commitAll(store: MetadataLog, commits: readonly MetadataRecord[][]) {
  let image: MetadataImage = await store.load();
  for (const records of commits) {
    const draft = new ImageDraft(image);
    for (const record of records) draft.apply(record);
    await store.commit(records, draft);
    image = draft;
  }
  return image;
}

const stateOf = (image: MetadataImage) => JSON.stringify([...recordsOf(image)]);
const topicsOf = (image: MetadataImage) => [...image.topicsByName.keys()];

/** A closed log of the cluster record and one commit for each topic. */
async function diskWithTopics(
  snapshotBytes?: number,
  names = ['a', 'b', 'c'],
): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const store = storeOn(disk, snapshotBytes);
  await commitAll(store, [[CLUSTER], ...names.map((name) => [topic(name)])]);
  await store.close();
  return disk;
}

function copyOf(disk: MemoryDisk): MemoryDisk {
  return disk.after('killed', () => 0);
}

describe('MetadataLog', () => {
  it('finds what it committed', async () => {
    const disk = await diskWithTopics();
    expect(topicsOf(await storeOn(disk).load())).toEqual(['a', 'b', 'c']);
  });

  it('shares one sync among commits that wait together', async () => {
    const disk = new MemoryDisk();
    const store = storeOn(disk);
    const image = await store.load();
    const before = disk.operations;
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.commit([topic(`t${i}`)], image)));
    // The first goes alone, the others together: a write and a sync each time.
    expect(disk.operations - before).toBe(4);
    expect((await storeOn(copyOf(disk)).load()).topicsByName.size).toBe(50);
  });

  it('takes no commit after it was closed', async () => {
    const store = storeOn(new MemoryDisk());
    const image = await store.load();
    await store.close();
    await expect(store.commit([topic('a')], image)).rejects.toThrow('is closed');
  });

  it('keeps two snapshots and the logs since the older one', async () => {
    const disk = await diskWithTopics(1, ['a', 'b', 'c', 'd', 'e', 'f']);
    const names = disk.names().map((name) => name.slice(DIRECTORY.length + 1));
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const snapshots = names.filter((name) => name.endsWith('.snapshot'));
    expect(snapshots).toHaveLength(2);
    expect(Number.parseInt(names[0]!, 10)).toBe(Number.parseInt(snapshots[0]!, 10));
    expect(topicsOf(await storeOn(disk).load())).toHaveLength(6);
  });

  it('goes on taking commits while a snapshot is written', async () => {
    const disk = new MemoryDisk();
    const store = storeOn(disk, 2000);
    let image: MetadataImage = await store.load();
    for (let i = 0; i < 100; i++) {
      const draft = new ImageDraft(image);
      const record = topic(`t${i}`, 100);
      draft.apply(record);
      await store.commit([record], draft);
      image = draft;
    }
    await store.close();
    expect(stateOf(await storeOn(disk).load())).toBe(stateOf(image));
  });

  it('keeps its files to itself', async () => {
    const logDir = mkdtempSync(join(tmpdir(), 'millrace-metadata-'));
    try {
      const store = new MetadataLog({ logDir, logger: recordingLogger(), snapshotBytes: 1 });
      await commitAll(store, [[CLUSTER], [topic('a')]]);
      await store.close();
      const directory = join(logDir, readdirSync(logDir)[0]!);
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      const names = readdirSync(directory);
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
      const again = new MetadataLog({ logDir, logger: recordingLogger(), snapshotBytes: 1 });
      expect(topicsOf(await again.load())).toEqual(['a']);
      await again.close();
    } finally {
      rmSync(logDir, { recursive: true });
    }
  });
});

describe('a torn log', () => {
  it('is cut at every byte of its last two commits, with one line that says so', async () => {
    const whole = await diskWithTopics();
    const bytes = whole.bytesOf(LOG);
    const lengths: number[] = [HEADER_BYTES];
    for (let at = HEADER_BYTES; at < bytes.length; ) {
      at += 12 + bytes.readUInt32LE(at + 4);
      lengths.push(at);
    }
    for (let length = lengths[2]!; length <= bytes.length; length++) {
      const disk = copyOf(whole);
      disk.put(LOG, bytes.subarray(0, length));
      const logger = recordingLogger();
      const store = storeOn(disk, undefined, logger);
      const image = await store.load();
      const sound = lengths.filter((end) => end <= length).at(-1)!;
      expect(topicsOf(image), String(length)).toEqual(
        ['a', 'b', 'c'].slice(0, lengths.indexOf(sound) - 1),
      );
      expect(disk.bytesOf(LOG).length).toBe(sound);
      expect(logger.lines).toHaveLength(sound === length ? 0 : 1);
      if (sound !== length) expect(logger.lines[0]).toContain(`dropped ${length - sound} bytes`);
      const draft = new ImageDraft(image);
      draft.apply(topic('z'));
      await store.commit([topic('z')], draft);
      expect(stateOf(await storeOn(copyOf(disk)).load())).toBe(stateOf(draft));
    }
  });

  it('whose creation was cut off is begun again', async () => {
    for (let length = 0; length < HEADER_BYTES; length++) {
      const disk = new MemoryDisk();
      disk.put(LOG, encodeHeader().subarray(0, length));
      await commitAll(storeOn(disk), [[CLUSTER], [topic('a')]]);
      expect(topicsOf(await storeOn(copyOf(disk)).load())).toEqual(['a']);
    }
  });

  it('with zeros after its end is cut', async () => {
    const disk = await diskWithTopics();
    const bytes = disk.bytesOf(LOG);
    disk.put(LOG, Buffer.concat([bytes, Buffer.alloc(100)]));
    expect(topicsOf(await storeOn(disk).load())).toEqual(['a', 'b', 'c']);
    expect(disk.bytesOf(LOG).equals(bytes)).toBe(true);
  });
});

describe('damage', () => {
  it('of any bit before the last commit is refused and nothing is changed', async () => {
    const whole = await diskWithTopics();
    const bytes = whole.bytesOf(LOG);
    const lastFrameBytes = bytes.length - bytes.lastIndexOf(Buffer.from('MRMd'));
    for (let at = 0; at < bytes.length - lastFrameBytes; at++) {
      const disk = copyOf(whole);
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      disk.put(LOG, flipped);
      const failed = await storeOn(disk)
        .load()
        .then(() => null)
        .catch((thrown: Error) => thrown);
      expect(failed, `byte ${at}`).toMatchObject({ code: 'MILLRACE_CORRUPT' });
      expect(disk.bytesOf(LOG).equals(flipped)).toBe(true);
      expect(disk.operations).toBe(0);
    }
  });

  it('of the newest snapshot falls back to what was before it', async () => {
    const whole = await diskWithTopics(1);
    const newest = whole
      .names()
      .filter((name) => name.endsWith('.snapshot'))
      .at(-1)!;
    const bytes = whole.bytesOf(newest);
    for (let at = 0; at < bytes.length; at++) {
      const disk = copyOf(whole);
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      disk.put(newest, flipped);
      const logger = recordingLogger();
      const image = await storeOn(disk, 1_000_000, logger).load();
      expect(topicsOf(image), `byte ${at}`).toEqual(['a', 'b', 'c']);
      expect(logger.lines[0]).toContain('falling back');
    }
  });

  it('of both snapshots is refused and nothing is changed', async () => {
    const disk = await diskWithTopics(1, ['a', 'b', 'c', 'd', 'e', 'f']);
    expect(disk.names()).not.toContain(LOG);
    for (const name of disk.names()) {
      if (name.endsWith('.snapshot')) disk.put(name, Buffer.alloc(3));
    }
    const before = disk.operations;
    await expect(storeOn(disk).load()).rejects.toThrow('none of its snapshots is sound');
    expect(disk.operations).toBe(before);
  });

  it('by a log that is missing is refused', async () => {
    const disk = await diskWithTopics(1);
    const logs = disk.names().filter((name) => name.endsWith('.log'));
    await disk.unlink(logs.at(-1)!);
    await disk.unlink(logs.at(-2)!);
    await expect(storeOn(disk).load()).rejects.toThrow(/missing; nothing was changed/);
  });
});

describe('a directory', () => {
  it('of a newer format is refused, untouched', async () => {
    const disk = await diskWithTopics();
    const bytes = disk.bytesOf(LOG);
    disk.put(LOG, Buffer.concat([encodeHeader(2), bytes.subarray(HEADER_BYTES)]));
    disk.put(`${LOG}.tmp`, Buffer.alloc(1));
    const before = disk.operations;
    const error = await storeOn(disk)
      .load()
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'MILLRACE_DATA_DIR' });
    expect((error as Error).message).toContain('has format 2, written by a newer millrace');
    expect(disk.operations).toBe(before);
  });

  it.each(['orders-0', 'meta.properties'])(
    'that holds %s but no metadata is refused',
    async (name) => {
      const disk = new MemoryDisk();
      disk.put(`/data/${name}`, Buffer.alloc(1));
      await expect(storeOn(disk).load()).rejects.toThrow(`/data holds ${name} but no metadata`);
      expect(disk.operations).toBe(0);
    },
  );

  it('loses what a crash left half written', async () => {
    const disk = await diskWithTopics();
    disk.put(`${DIRECTORY}/00000000000000000001.snapshot.tmp`, Buffer.alloc(5));
    await storeOn(disk).load();
    expect(disk.names()).toEqual([LOG]);
  });
});

describe('a disk', () => {
  it('that is full refuses a commit and takes the next when there is room', async () => {
    const disk = new MemoryDisk();
    const store = storeOn(disk);
    const image = await commitAll(store, [[CLUSTER]]);
    const length = disk.bytesOf(LOG).length;
    disk.freeBytes = 20;
    await expect(store.commit([topic('a')], image)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(disk.bytesOf(LOG).length).toBe(length);
    expect(store.failure).toBeNull();
    disk.freeBytes = Number.POSITIVE_INFINITY;
    await store.commit([topic('b')], image);
    expect(topicsOf(await storeOn(copyOf(disk)).load())).toEqual(['b']);
  });

  it.each([
    ['write', 'EIO'],
    ['sync', 'EIO'],
    ['sync', 'ENOSPC'],
  ])('whose %s fails with %s stops all changes with a reason', async (name, code) => {
    const disk = new MemoryDisk();
    const store = storeOn(disk);
    const image = await commitAll(store, [[CLUSTER], [topic('a')]]);
    disk.failures.push({ name, code });
    await expect(store.commit([topic('b')], image)).rejects.toMatchObject({ code });
    expect(store.failure).toContain('takes no change before a restart');
    // A sync that works again must not make it look well.
    await expect(store.commit([topic('c')], image)).rejects.toThrow('before a restart');
    expect(topicsOf(await storeOn(disk.after('power-cut', () => 0)).load())).toEqual(['a']);
  });

  it('that cannot even cut off a torn commit stops all changes', async () => {
    const disk = new MemoryDisk();
    const store = storeOn(disk);
    const image = await commitAll(store, [[CLUSTER]]);
    disk.freeBytes = 20;
    disk.failures.push({ name: 'truncate', code: 'EIO' });
    await expect(store.commit([topic('a')], image)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(store.failure).toContain('EIO');
    expect(topicsOf(await storeOn(copyOf(disk)).load())).toEqual([]);
  });

  it.each(['open', 'rename', 'syncDirectory', 'unlink'])(
    'that fails to %s for a snapshot loses nothing',
    async (name) => {
      const disk = new MemoryDisk();
      const logger = recordingLogger();
      const store = storeOn(disk, 200, logger);
      let image: MetadataImage = await store.load();
      disk.failures.push({ name, code: 'ENOSPC' });
      for (let i = 0; i < 20; i++) {
        const draft = new ImageDraft(image);
        draft.apply(topic(`t${i}`));
        await store.commit([topic(`t${i}`)], draft);
        image = draft;
        expect(stateOf(await storeOn(copyOf(disk)).load())).toBe(stateOf(image));
      }
      await store.close();
      expect(logger.lines).toHaveLength(1);
      expect(logger.lines[0]).toMatch(/^no (new metadata log|metadata snapshot) could be/);
      expect(stateOf(await storeOn(disk).load())).toBe(stateOf(image));
    },
  );

  it('that cannot be read is no empty directory', async () => {
    const disk = await diskWithTopics();
    disk.list = () => Promise.reject(systemError('EIO'));
    await expect(storeOn(disk).load()).rejects.toThrow('EIO');
  });
});

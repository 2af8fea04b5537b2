import { copyFile, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from 'millrace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';
import { putBatch } from '../../client/partition-log.ts';
import { runCli } from '../run-cli.ts';

const TIME = Date.UTC(2026, 0, 31, 12);
const BATCHES = 40;
const NAME = '00000000000000000000';

let home: string;
let sound: string;
let copy: string;

/** A partition as a broker left it: idempotent batches, some compressed, indexes, a snapshot. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-dump-'));
  const dataDir = join(home, 'data');
  const broker = await startBroker({ dataDir });
  await broker.createTopic('t', { config: { 'index.interval.bytes': '200' } });
  for (let i = 0; i < BATCHES; i++) {
    const batch = buildBatch(
      [
        { key: Buffer.from(`k${i}`), value: Buffer.from(`v${i}`), timestamp: TIME + i },
        {
          value: Buffer.of(0xff, i),
          timestamp: TIME + i,
          headers: [{ key: 'h\u001b', value: Buffer.from('x') }],
        },
      ],
      {
        codec: i % 2 === 0 ? CODEC.NONE : CODEC.GZIP,
        producerId: 77,
        producerEpoch: 0,
        baseSequence: 2 * i,
      },
    );
    await putBatch(broker.bootstrapServers, { topic: 't' }, batch);
  }
  await broker.close();
  sound = join(dataDir, 't-0');
});

afterAll(() => rm(home, { recursive: true, force: true }));

beforeEach(async () => {
  copy = await mkdtemp(join(home, 'copy-'));
  for (const name of await readdir(sound)) await copyFile(join(sound, name), join(copy, name));
});

async function damage(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

async function batchesOf(path: string): Promise<Record<string, unknown>[]> {
  const { out } = await runCli(['dump-log', path, '-o', 'json']);
  const lines = out.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('millrace dump-log', () => {
  it('reads every file of a partition', async () => {
    const names = (await readdir(sound)).filter((name) => /^\d{20}\./.test(name));
    const paths = names.map((name) => join(sound, name));
    expect(names.map((name) => name.split('.')[1])).toEqual(
      expect.arrayContaining(['index', 'log', 'snapshot', 'timeindex']),
    );
    const { code, out, errors } = await runCli(['dump-log', ...paths]);
    expect([code, errors]).toEqual([0, '']);
    expect(out).toContain(`${BATCHES} batches, `);
    expect(out).toMatch(/^ +77 +0 +79 +79 +1 +2026-01-31T12:00:00\.039Z +- +-$/m);
    expect(out).toMatch(/^OFFSET +POSITION\n +\d+ +\d+$/m);
    expect(out).toMatch(/^TIMESTAMP +OFFSET\n2026-01-31T12:00:00\.0\d\dZ +\d+$/m);
  });

  it('prints batches and records as JSON, one batch a line', async () => {
    const path = join(sound, `${NAME}.log`);
    const { code, out } = await runCli(['dump-log', path, '--records', '-o', 'json']);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(BATCHES);
    expect(JSON.parse(lines[1]!)).toMatchObject({
      file: path,
      baseOffset: 2,
      lastOffset: 3,
      codec: 'gzip',
      producer: { id: 77, epoch: 0, firstSequence: 2, lastSequence: 3 },
      timestampType: 'CreateTime',
      isSound: true,
      content: [
        { offset: 2, timestamp: '2026-01-31T12:00:00.001Z', key: 'k1', value: 'v1', headers: [] },
        {
          offset: 3,
          key: null,
          value: { base64: '/wE=' },
          headers: [{ key: 'h\u001b', value: 'x' }],
        },
      ],
    });
  });

  it('lets no control character of a record reach the terminal', async () => {
    const { out } = await runCli(['dump-log', join(sound, `${NAME}.log`), '--records']);
    expect(out).toContain('  0 2026-01-31T12:00:00.000Z key=k0 value=v0\n');
    expect(out).toContain('key=null value=0xff00 header h\\u001b=x\n');
    expect(out).not.toContain('\u001b');
  });

  it('names the position of a batch whose CRC does not hold and reads on behind it', async () => {
    const path = join(copy, `${NAME}.log`);
    const position = Number((await batchesOf(path))[3]!.position);
    await damage(path, position + 70, Buffer.of(0xaa, 0xbb, 0xcc));
    const { code, out, errors } = await runCli(['dump-log', path]);
    expect(code).toBe(1);
    expect(errors).toContain(`${path}: corrupt at position ${position}: CRC is 0x`);
    expect(out.match(/CORRUPT/g)).toHaveLength(1);
    expect(out).toContain(`${BATCHES} batches, `);
  });

  it('stops where a batch says that it is larger than the file', async () => {
    const path = join(copy, `${NAME}.log`);
    const position = Number((await batchesOf(path))[5]!.position);
    await damage(path, position + 8, Buffer.of(0x7f, 0xff, 0xff, 0xff));
    const { code, out, errors } = await runCli(['dump-log', path]);
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`position ${position}: a batch of 2147483659 bytes, and`));
    expect(out).toContain('5 batches, ');
  });

  it('tells room that was reserved from damage', async () => {
    const path = join(copy, `${NAME}.log`);
    const file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.truncate(size + 5000);
    await file.close();
    const reserved = await runCli(['dump-log', path]);
    expect(reserved).toMatchObject({ code: 0, errors: '' });
    expect(reserved.out).toContain('5000 bytes reserved behind them');
    await damage(path, size + 4000, Buffer.of(1));
    const torn = await runCli(['dump-log', path]);
    expect(torn.code).toBe(1);
    expect(torn.errors).toContain(`corrupt at position ${size}: a batch of 12 bytes is too small`);
  });

  it('holds an index against its segment, and checks a snapshot', async () => {
    const index = join(copy, `${NAME}.index`);
    const time = join(copy, `${NAME}.timeindex`);
    const snapshot = (await readdir(copy)).find((name) => name.endsWith('.snapshot'))!;
    const snapshotPath = join(copy, snapshot);
    await damage(index, 3, Buffer.of(0x01));
    await damage(time, 12, Buffer.alloc(8));
    await damage(snapshotPath, 12, Buffer.of(0x55));
    const { code, errors } = await runCli(['dump-log', index, time, snapshotPath]);
    expect(code).toBe(1);
    expect(errors).toContain(`${index}: corrupt at position 0: offset 1, and the batch at`);
    expect(errors).toContain(`${time}: corrupt at position 12: its timestamp is before`);
    expect(errors).toContain(`${snapshotPath}: corrupt at position 0: version, CRC or count`);
  });

  it('says which files it reads', async () => {
    const other = await runCli(['dump-log', join(copy, 'partition.metadata')]);
    expect(other.code).toBe(2);
    expect(other.errors).toContain(
      'expected a file ending in .log, .index, .timeindex, .txnindex, .snapshot',
    );
    const missing = await runCli(['dump-log', join(copy, `${NAME}9.log`)]);
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.errors).toContain('cannot read ');
  });
});

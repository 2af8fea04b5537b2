import { appendFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransactionalLog } from '../../log/transactional-log.ts';
import { runCli } from '../run-cli.ts';

let log: TransactionalLog;

beforeEach(() => {
  log = new TransactionalLog();
  log.write(1);
  log.write(2);
  log.abort(2);
  log.commit(1);
  log.write(3);
  log.partition.log.close(true);
});

afterEach(() => log.remove());

describe('millrace dump-log of transactions', () => {
  it('prints the aborted ones of a transaction index', async () => {
    const path = log.fixture.segmentFile(0, '.txnindex');
    const table = await runCli(['dump-log', path]);
    expect(table).toMatchObject({ code: 0, errors: '' });
    expect(table.out).toMatch(/^PRODUCER +FIRST-OFFSET +LAST-OFFSET +LAST-STABLE-OFFSET\n/);
    expect(table.out).toMatch(/\n +2 +1 +2 +0\n$/);
    const json = await runCli(['dump-log', path, '-o', 'json']);
    const entry = { producerId: 2, firstOffset: 1, lastOffset: 2, lastStableOffset: 0 };
    expect(JSON.parse(json.out)).toEqual({ file: path, ...entry });
  });

  it('names what is no entry of a transaction index', async () => {
    const path = log.fixture.segmentFile(0, '.txnindex');
    appendFileSync(path, log.fixture.read(0, '.txnindex'));
    appendFileSync(path, Buffer.of(1));
    const { code, errors } = await runCli(['dump-log', path]);
    expect(code).toBe(1);
    expect(errors).toContain(`${path}: corrupt at position 68: the file ends inside an entry`);
    expect(errors).toContain(`${path}: corrupt at position 34: its version is not 0, or its`);
    writeFileSync(path, '');
    expect(await runCli(['dump-log', path])).toMatchObject({ code: 0, errors: '' });
  });

  it('prints markers with the epoch of their coordinator', async () => {
    const path = log.fixture.segmentFile(0, '.log');
    const { out } = await runCli(['dump-log', path, '--records']);
    expect(out).toMatch(/^ {2}2 \S+ end marker ABORT coordinatorEpoch=3$/m);
    expect(out).toMatch(/^ {2}3 \S+ end marker COMMIT coordinatorEpoch=3$/m);
    const json = await runCli(['dump-log', path, '--records', '-o', 'json']);
    const markers = json.out.split('\n').filter((line) => line.includes('"control"'));
    expect(markers.map((line) => JSON.parse(line).content?.[0])).toMatchObject([
      { offset: 2, control: 'ABORT', coordinatorEpoch: 3 },
      { offset: 3, control: 'COMMIT', coordinatorEpoch: 3 },
    ]);
  });

  it('prints where the open transaction of a producer began', async () => {
    const { out } = await runCli(['dump-log', log.fixture.segmentFile(5, '.snapshot')]);
    expect(out).toMatch(/^PRODUCER .* COORDINATOR-EPOCH +TRANSACTION-FROM$/m);
    expect(out).toMatch(/^ +2 .* 3 +-$/m);
    expect(out).toMatch(/^ +3 .* - +4$/m);
  });
});

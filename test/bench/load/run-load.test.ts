import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../../../bench/load/options.ts';
import { runLoad } from '../../../bench/load/run-load.ts';

const INSTANT = ['--warmup', '0.05', '--seconds', '0.6'];

describe('the load generator', () => {
  let broker: EmbeddedBroker;

  beforeAll(async () => {
    broker = await startBroker();
  });

  afterAll(async () => {
    await broker.close();
  });

  const run = (...args: string[]) =>
    runLoad(readOptions([...args, '--broker', broker.bootstrapServers, ...INSTANT]));

  for (const acks of ['0', '1', 'all']) {
    it(`produces with acks=${acks} over several connections and partitions`, async () => {
      const shape = ['--connections', '2', '--partitions', '3'];
      const result = await run('produce', '--acks', acks, ...shape);
      expect(result.messages).toBeGreaterThan(0);
    });
  }

  it('produces idempotently without a sequence that the broker refuses', async () => {
    const result = await run('produce', '--acks', 'all', '--idempotent', '--in-flight', '5');
    expect(result.messages).toBeGreaterThan(0);
  });

  it('produces gzip batches', async () => {
    const result = await run('produce', '--codec', 'gzip');
    expect(result.messages).toBeGreaterThan(0);
  });

  it('reads a partition from its start to its end, again and again', async () => {
    const result = await run('fetch', '--preload-bytes', '200000', '--fetch-bytes', '65536');
    expect(result.messages).toBeGreaterThan(2000);
    expect(result.mbPerSecond).toBeGreaterThan(0);
  });

  for (const version of ['1', '2']) {
    it(`writes transactions of 20 ms over four partitions, version ${version}`, async () => {
      const shape = ['--partitions', '4', '--transaction-ms', '20', '--abort-every', '3'];
      const result = await run('transactions', '--transaction-version', version, ...shape);
      expect(result.messages).toBeGreaterThan(0);
    });

    it(`writes transactions of a record for each partition, version ${version}`, async () => {
      const shape = ['--partitions', '2', '--transaction-ms', '0', '--batch-bytes', '0'];
      const many = [...shape, '--connections', '4', '--transaction-version', version];
      const result = await run('transactions', ...many);
      expect(result.messages).toBeGreaterThan(0);
    });
  }

  it('reads committed transactions and the list of those that were aborted', async () => {
    const written = ['--transactional', '--transaction-ms', '5', '--abort-every', '2'];
    const sizes = ['--preload-bytes', '2000000', '--fetch-bytes', '65536'];
    const result = await run('fetch', '--read-committed', ...written, ...sizes);
    expect(result.messages).toBeGreaterThan(2000);
  });

  it('fails with the broker’s error code where a request is refused', async () => {
    const config = ['--topic-config', 'max.message.bytes=100'];
    await expect(run('produce', ...config)).rejects.toThrow('error code 10');
  });
});

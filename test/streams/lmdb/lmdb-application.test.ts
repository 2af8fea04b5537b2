import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { openLmdb } from '#millrace/streams/lmdb/lmdb-module';
import { lmdbStores } from '#millrace/streams/lmdb-stores';
import { int64 } from '#millrace/streams/serde/numbers';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { allUpTo, counted, counting, GUARANTEES, send, untilCounted } from '../support/counting.ts';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: int64 });
const PACKAGE = new URL('../../..', import.meta.url);
let stateDir = '';

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-lmdb-'));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

/** Counts in lmdb, with no row in memory beyond its transaction. */
function countingIn(broker: EmbeddedBroker, processingGuarantee: string) {
  const dslStoreSuppliersClass = lmdbStores({ cacheBytes: 0 });
  const options = { processingGuarantee, stateDir, dslStoreSuppliersClass };
  return counting(broker.bootstrapServers, options);
}

describe('an application with stores in lmdb', () => {
  it.each(GUARANTEES)('%s, goes on where it was, without its changelogs', async (guarantee) => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    for (let round = 1; round <= 3; round++) {
      await send(broker, 100);
      const { app } = countingIn(broker, guarantee);
      await app.start();
      await untilCounted(broker, round * 10);
      expect(app.store<string, number>('counts').get('k3')).toBe(round * 10);
      expect(app.restoredRows).toBe(0);
      await app.close();
    }
    expect(await counted(broker)).toEqual(allUpTo(30));
  });

  it('restores a store whose rows are damaged while it runs, and counts on', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    await send(broker, 100);
    const { app, errors } = countingIn(broker, 'exactly_once_v2');
    await using running = await app.start();
    await untilCounted(broker, 10);
    const database = openLmdb(join(stateDir, 'app', '0_0', 'counts.rows'));
    const key = Buffer.concat([Buffer.of(1), Buffer.from('k3')]);
    database.putSync(key, Buffer.alloc(24, 7));
    database.close();
    await send(broker, 100);
    await untilCounted(broker, 20);
    expect(await counted(broker)).toEqual(allUpTo(20));
    expect(errors.map(({ message }) => message).join()).toContain(
      'file of store counts is damaged',
    );
    expect(running.restoredRows).toBeGreaterThan(0);
  });

  it('has them in the test driver too, with crashes', () => {
    const builder = new StreamsBuilder();
    const storeType = lmdbStores();
    builder.stream(input).groupByKey().count({ as: 'counts', storeType }).toStream().to(output);
    using driver = new TestDriver(builder);
    const writer = driver.input(input);
    for (let i = 0; i < 30; i++) {
      if (i === 15) driver.crash();
      writer.send({ key: `k${i % 3}`, value: 'v' });
    }
    expect(driver.output(output).readAll().at(-1)).toMatchObject({ key: 'k2', value: 10 });
  });

  it('is refused a history and a TTL for such a store', () => {
    const storeType = lmdbStores();
    const builder = new StreamsBuilder();
    expect(() => builder.table(input, { as: 'a', history: 1_000, storeType })).toThrow('a history');
    expect(() => builder.table(input, { as: 'b', ttl: 1_000, storeType })).toThrow('a TTL');
  });

  it('says that lmdb is not installed', async () => {
    cpSync(new URL('dist/bundle', PACKAGE), join(stateDir, 'bundle'), { recursive: true });
    writeFileSync(join(stateDir, 'package.json'), '{ "type": "module" }');
    const script = join(stateDir, 'app.mjs');
    writeFileSync(
      script,
      `import { lmdbStores } from './bundle/streams/lmdb-stores.js';
       try { lmdbStores(); } catch (thrown) { console.log(thrown.code, thrown.message); }`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(child, 'close');
    expect(said).toContain('STATE_ARGUMENT');
    expect(said).toContain('npm install lmdb');
  });
});

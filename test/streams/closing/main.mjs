/**
 * Millions of windows that close with one record: `node test/streams/closing/main.mjs [--windows
 * 10000000] [--how on-close|suppress|session] [--guarantee exactly_once_v2]`. It tells how long the
 * turns of the application are and what memory it takes, and fails where a result is missing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired, required } from '#millrace/client/admin/outcome';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { BrokerProcess } from '../../crash/broker-process.mjs';

const APPLICATION = fileURLToPath(new URL('./closing-app.mjs', import.meta.url));
const KEY_CHARS = 8;
const HOUR_MS = 3_600_000;
const BEGIN_MS = 1_750_000_000_000 - (1_750_000_000_000 % HOUR_MS);
const input = topic('input', { key: text, value: text });

const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '10000000' },
    how: { type: 'string', default: 'on-close' },
    guarantee: { type: 'string', default: 'at_least_once' },
  },
});
const { how, guarantee } = values;
const windows = Number(values.windows);

/** A window for each key: all are of the same minute. */
async function fill(producer) {
  const onBatch = ({ error }) => {
    if (error !== null) throw error;
  };
  const writer = producer.to(input, { onBatch });
  for (let i = 0; i < windows; i++) {
    const key = String(i).padStart(KEY_CHARS, '0');
    if (!writer.enqueue(key, '', undefined, BEGIN_MS)) await writer.ready();
  }
  await producer.flush();
}

async function endOf(admin, name) {
  const [{ outcome }] = await admin.records.offsets([{ topic: name, partition: 0, at: 'latest' }]);
  return required(outcome).offset;
}

const folder = await mkdtemp(join(tmpdir(), 'millrace-closing-'));
const broker = await BrokerProcess.start(join(folder, 'broker'));
const bootstrapServers = `127.0.0.1:${broker.port}`;
const admin = new Admin({ bootstrapServers });
const producer = new Producer({ bootstrapServers });
let app;
try {
  const wanted = ['input', 'output'].map((name) => ({ name, partitions: 1 }));
  allRequired(await admin.topics.create(wanted));
  await fill(producer);
  const args = [APPLICATION, bootstrapServers, join(folder, 'state'), guarantee, how, windows];
  app = spawn(process.execPath, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(app, 'close');
  for await (const line of createInterface({ input: app.stdout })) {
    process.stdout.write(`${line}\n`);
    if (JSON.parse(line).counted === undefined) continue;
    await producer.send(input, { key: 'last', value: '', timestamp: BEGIN_MS + HOUR_MS });
  }
  const [code] = await ended;
  const end = await endOf(admin, 'output');
  if (code !== 0 || end < windows) {
    throw new Error(`the application ended with ${code}; ${end} results of ${windows} windows`);
  }
} finally {
  app?.kill('SIGKILL');
  await producer.close();
  await admin.close();
  await broker.discard();
  await rm(folder, { recursive: true, force: true });
}

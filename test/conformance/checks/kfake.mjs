/**
 * millrace's client against franz-go's fake cluster: three brokers whose leaders move every 50 ms
 * and which refuse requests, append and then refuse, or cut connections. Nothing may be lost, nothing
 * come twice, and each partition keeps its order.
 */

import { once } from 'node:events';
import { join } from 'node:path';
import { REPOSITORY } from '../lib/cache.mjs';
import { endGroup, launch } from '../lib/process.mjs';
import { kfake } from '../lib/toolchains.mjs';

const PARTITIONS = 6;
const SECONDS = 6;
const SETTLE_MS = 30_000;
/** Records that wait for their receipts at a time. */
const AT_ONCE = 300;
const SEED = 20261130;
const READERS = {
  'an assigned consumer': {},
  'a classic group': { groupId: 'classic', groupProtocol: 'classic' },
  'a group of KIP-848': { groupId: 'consumer', groupProtocol: 'consumer' },
};

async function withCluster(topics, work) {
  const program = await kfake();
  const args = [String(SEED), String(PARTITIONS), ...topics];
  const child = launch(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = await once(child.stdout, 'data');
    const ready = /^ready (\S+)\n/.exec(String(line));
    if (ready === null) throw new Error(`kfake said ${line}`);
    await work(ready[1]);
  } finally {
    await endGroup(child);
  }
}

/** Counts up in each partition until the time is over; answers how many records each one has. */
async function produce({ Producer, topic, text }, bootstrapServers, name, onError) {
  const numbers = topic(name, { value: text });
  const producer = new Producer({ bootstrapServers, lingerMs: 2, onError });
  const counts = new Array(PARTITIONS).fill(0);
  const until = Date.now() + SECONDS * 1_000;
  while (Date.now() < until) {
    const sent = Array.from({ length: AT_ONCE }, (_, i) => {
      const partition = i % PARTITIONS;
      return producer.send(numbers, { value: String(counts[partition]++), partition });
    });
    await Promise.all(sent);
  }
  await producer.close();
  return counts;
}

/** Reads on until `ending` fires; answers the values of each partition as they came. */
async function consume({ Consumer }, options, name, ending, seen) {
  const consumer = new Consumer({ ...options, autoOffsetReset: 'earliest' });
  const partitions = Array.from(seen, (_, partition) => ({ topic: name, partition }));
  if (options.groupId === undefined) consumer.assign(partitions);
  else consumer.subscribe([name]);
  for await (const batch of consumer.batches({ signal: ending })) {
    for (const value of batch.texts()) seen[batch.partition].push(Number(value));
  }
  await consumer.close();
}

async function untilAllCame(seen, counts) {
  const until = Date.now() + SETTLE_MS;
  const missing = () => counts.some((count, partition) => seen[partition].length < count);
  while (missing() && Date.now() < until) await new Promise((done) => setTimeout(done, 50));
}

function requireInOrder(seen, counts) {
  for (const [partition, count] of counts.entries()) {
    const wrong = seen[partition].findIndex((value, i) => value !== i);
    if (wrong >= 0) {
      const around = seen[partition].slice(Math.max(wrong - 2, 0), wrong + 3).join(' ');
      throw new Error(`partition ${partition}: record ${wrong} of ${count} is among ${around}`);
    }
    if (seen[partition].length !== count) {
      throw new Error(`partition ${partition}: ${seen[partition].length} of ${count} came`);
    }
  }
}

async function both(client, bootstrapServers, name, reader) {
  const errors = [];
  const onError = (error) => errors.push(error.message);
  const seen = Array.from({ length: PARTITIONS }, () => []);
  const ending = new AbortController();
  const options = { bootstrapServers, onError, ...reader };
  const reading = consume(client, options, name, ending.signal, seen);
  try {
    const counts = await Promise.race([
      produce(client, bootstrapServers, name, onError),
      reading.then(() => Promise.reject(new Error('the consumer ended by itself'))),
    ]);
    await untilAllCame(seen, counts);
    requireInOrder(seen, counts);
    if (errors.length > 0) throw new Error(`onError was told: ${errors[0]}`);
  } finally {
    ending.abort();
    await reading;
  }
}

async function run(context) {
  const client = await import(join(REPOSITORY, 'dist', 'bundle', 'client', 'index.js'));
  const readers = Object.entries(READERS);
  const names = readers.map((_, i) => `numbers-${i}`);
  await withCluster(names, async (bootstrapServers) => {
    for (const [i, [title, reader]] of readers.entries()) {
      await context.step(`an idempotent producer and ${title}: ${SECONDS} s`, () => {
        return both(client, bootstrapServers, names[i], reader);
      });
    }
  });
}

export const kfakeChecks = [
  {
    name: 'kfake',
    proves: "millrace's client on franz-go's fake cluster: leaders that move every 50 ms, errors",
    needs: 'go',
    command: `kfake ${SEED} ${PARTITIONS} TOPIC…, and millrace/client in this process`,
    sets: ['full'],
    brokers: ['millrace'],
    limitS: 180,
    run,
  },
];

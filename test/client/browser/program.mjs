/**
 * What the tests run in a browser: in the page `run(name, given)` does it there, `runInWorker` in a
 * web worker.
 */
import {
  Admin,
  allRequired,
  Consumer,
  KafkaError,
  Producer,
  partitionOfKey,
  ShareConsumer,
  text,
  topic,
  toReadableStream,
} from 'millrace/client';

const TEXT = 'text with ümlauts and 😀 ';

function topicOf({ name }) {
  return topic(name, { key: text, value: text });
}

/** The options of a client; a token comes as text. */
function optionsOf({ token, ...options }) {
  if (token === undefined) return options;
  return { ...options, sasl: { mechanism: 'OAUTHBEARER', token: () => ({ value: token }) } };
}

/** Sends `count` records from number `from` on; answers with the offsets. */
async function produce({ count, from = 0, name, ...options }) {
  const producer = new Producer({ lingerMs: 5, ...optionsOf(options) });
  const to = topicOf({ name });
  const receipts = [];
  for (let i = from; i < from + count; i++) {
    const headers = [
      ['number', `${i}`],
      ['number', new Uint8Array([i & 255, 0])],
      ['none', null],
    ];
    receipts.push(
      producer.send(to, { key: `key ${i}`, value: TEXT.repeat(1 + (i % 90)) + i, headers }),
    );
    if (!producer.hasRoom) await producer.ready();
  }
  const done = await Promise.all(receipts);
  await producer.close();
  return done.map(({ offset }) => offset);
}

/** The numbers of records that a group gives this member; commits them, and may leave or vanish. */
async function consume({ name, count, vanishes = false, ...options }) {
  const consumer = new Consumer({
    topics: [topicOf({ name })],
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
    ...optionsOf(options),
  });
  const numbers = [];
  for await (const record of consumer) {
    const [[, number]] = record.headers;
    const i = Number(new TextDecoder().decode(number));
    if (record.key !== `key ${i}` || record.value !== TEXT.repeat(1 + (i % 90)) + i) {
      throw new Error(`record ${i} is damaged`);
    }
    numbers.push(i);
    if (numbers.length < count) continue;
    await consumer.commit(record);
    break;
  }
  if (!vanishes) await consumer.close();
  return numbers;
}

async function transact({ name, bootstrapServers }) {
  const to = topicOf({ name });
  const producer = new Producer({ bootstrapServers, transactionalId: `browser ${name}` });
  await producer.transaction(async () => {
    producer.send(to, { key: 'a', value: 'kept' });
    producer.send(to, { key: 'b', value: 'kept too' });
  });
  const reason = new Error('given up');
  const aborted = producer.transaction(async () => {
    producer.send(to, { key: 'a', value: 'given up' });
    throw reason;
  });
  const thrown = await aborted.catch((each) => each);
  await producer.close();
  return thrown === reason;
}

async function administer({ name, bootstrapServers }) {
  const admin = new Admin({ bootstrapServers });
  const made = await admin.topics.create([{ name, partitions: 3 }, { name: 'a b' }]);
  const refused = made.get('a b');
  allRequired(await admin.topics.describe([name]));
  const listed = await admin.topics.list();
  await admin.close();
  return {
    refused: refused instanceof KafkaError ? refused.code : 'made',
    partitions: listed.find((each) => each.name === name)?.partitions.length,
    partitionOfKey: partitionOfKey(new TextEncoder().encode('key'), 50),
  };
}

/** Goes on until it is told to stop, so that connections can be cut meanwhile. */
let isStopped = false;

async function produceOn({ bootstrapServers, name }) {
  const producer = new Producer({ bootstrapServers, lingerMs: 1, deliveryTimeoutMs: 60_000 });
  const to = topicOf({ name });
  let count = 0;
  for (isStopped = false; !isStopped; count++) {
    await producer.send(to, { key: `key ${count}`, value: `value ${count}` });
  }
  await producer.close();
  return count;
}

/** Sends for so long; says how many records, and how many more connections that took. */
async function produceFor({ forMs, name, ...options }) {
  const producer = new Producer({ lingerMs: 1, ...optionsOf(options) });
  const to = topicOf({ name });
  const connections = () => producer.metrics.snapshot().client['connection-creation-total'];
  await producer.send(to, { key: 'first', value: 'first' });
  const before = connections();
  let count = 0;
  for (const endMs = performance.now() + forMs; performance.now() < endMs; count++) {
    await producer.send(to, { key: `key ${count}`, value: `value ${count}` });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const opened = connections() - before;
  await producer.close();
  return { count, opened };
}

/** Takes three records of a queue, says of each something else, and takes what comes again. */
async function share({ name, ...options }) {
  const queue = new ShareConsumer({
    topics: [topic(name, { value: text })],
    shareAcknowledgementMode: 'explicit',
    ...options,
  });
  const seen = [];
  const take = async () => {
    const records = await queue.poll({ timeoutMs: 20_000 });
    for (const { value, deliveryCount } of records) {
      seen.push(`${value}, delivery ${deliveryCount}`);
    }
    return records;
  };
  const [first, second, third] = await take();
  await first.renew();
  first.accept();
  second.release();
  third.reject();
  await queue.commit();
  const [again] = await take();
  again.accept();
  const [{ error }] = await queue.commit();
  if (error !== null) throw error;
  await queue.close();
  return seen;
}

async function stop() {
  isStopped = true;
}

/** The code of the error that a client without a way to its broker gives. */
async function fail(options) {
  const admin = new Admin({
    requestTimeoutMs: 2000,
    defaultApiTimeoutMs: 2000,
    ...optionsOf(options),
  });
  try {
    await admin.topics.list();
  } catch (thrown) {
    return thrown.code;
  } finally {
    await admin.close();
  }
}

/** The recipe of the README. */
async function recipe({ bootstrapServers, signal = AbortSignal.timeout(20_000) }) {
  const shown = [];
  const show = (line) => shown.push(line);
  const words = topic('words', { key: text, value: text });
  await using producer = new Producer({ bootstrapServers, compressionType: 'gzip' });
  await producer.send(words, { key: navigator.language, value: 'hello from a browser' });
  await using consumer = new Consumer({
    bootstrapServers,
    groupId: 'tabs',
    topics: [words],
    autoOffsetReset: 'earliest',
  });
  for await (const { value } of toReadableStream(consumer, { signal })) {
    show(value);
    break;
  }
  return shown;
}

const WORK = {
  produce,
  consume,
  transact,
  administer,
  produceOn,
  produceFor,
  share,
  stop,
  fail,
  recipe,
};

async function run(name, given) {
  return await WORK[name](given);
}

/** The same in a worker of the page. */
function runInWorker(name, given) {
  const worker = new Worker(import.meta.url, { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, failure } }) => {
      if (failure === undefined) resolve(result);
      else reject(new Error(failure));
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage({ name, given });
  });
}

if (typeof document === 'undefined') {
  globalThis.onmessage = async ({ data: { name, given } }) => {
    try {
      postMessage({ result: await run(name, given) });
    } catch (thrown) {
      postMessage({ failure: thrown.stack });
    }
  };
} else {
  Object.assign(globalThis, { run, runInWorker });
}

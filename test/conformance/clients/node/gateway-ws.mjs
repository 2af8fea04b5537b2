/** The gateway's two languages over the npm package ws: gateway-ws.mjs WS_URL TOPIC. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

const [url, topic] = process.argv.slice(2);
const LIMIT_MS = 20_000;

/** One socket: what came and was not yet asked for waits in `inbox`. */
class Client {
  inbox = [];
  #waiting = [];

  static async open(subprotocol) {
    const client = new Client();
    client.socket = new WebSocket(url, subprotocol);
    client.closed = new Promise((resolve) => {
      client.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    client.socket.on('message', (data, isBinary) => client.#got(data, isBinary));
    await new Promise((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    await client.next(({ type }) => type === 'hello');
    return client;
  }

  #got(data, isBinary) {
    const message = isBinary ? { binary: data } : JSON.parse(data);
    const at = this.#waiting.findIndex(({ wants }) => wants(message));
    if (at < 0) this.inbox.push(message);
    else this.#waiting.splice(at, 1)[0].resolve(message);
  }

  next(wants) {
    const at = this.inbox.findIndex(wants);
    if (at >= 0) return Promise.resolve(this.inbox.splice(at, 1)[0]);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no answer in time')), LIMIT_MS);
      const done = (message) => {
        clearTimeout(late);
        resolve(message);
      };
      this.#waiting.push({ wants, resolve: done });
    });
  }

  async ask(command) {
    const id = `${command.type}-${Math.random()}`;
    this.socket.send(JSON.stringify({ ...command, id }));
    return this.next((message) => message.id === id);
  }

  async records(count) {
    const all = [];
    while (all.length < count) {
      all.push(...(await this.next(({ type }) => type === 'records')).records);
    }
    return all;
  }
}

const steps = {
  async 'json: produce, subscribe, credit, position, unsubscribe'() {
    const client = await Client.open('millrace.json');
    const records = Array.from({ length: 500 }, (_, i) => ({ key: `k${i}`, value: `v${i} ü\n` }));
    const produced = await client.ask({ type: 'produce', topic, records, acks: 'all' });
    assert.equal(produced.offsets[0].count, 500);
    const credit = { records: 100 };
    const begun = await client.ask({ type: 'subscribe', sub: 7, topic, from: 'earliest', credit });
    assert.equal(begun.type, 'ok');
    const first = await client.records(100);
    await sleep(100);
    assert.equal(client.inbox.length, 0, 'more than the credit came');
    client.socket.send(JSON.stringify({ type: 'credit', sub: 7, records: 400 }));
    const all = [...first, ...(await client.records(400))];
    assert.deepEqual(
      all.map(({ offset, key, value }) => ({ offset, key, value })),
      records.map((record, offset) => ({ offset, ...record })),
    );
    const { positions } = await client.ask({ type: 'position', sub: 7 });
    assert.equal(positions[0].offset, 500);
    assert.equal((await client.ask({ type: 'unsubscribe', sub: 7 })).type, 'ok');
    client.socket.close(1000);
    assert.equal((await client.closed).code, 1000);
  },
  async 'json: a token goes on where it was taken'() {
    const first = await Client.open('millrace.json');
    const credit = { records: 123 };
    await first.ask({ type: 'subscribe', sub: 1, topic, from: 'earliest', credit });
    await first.records(123);
    const { token } = await first.ask({ type: 'position', sub: 1 });
    first.socket.terminate();
    const second = await Client.open('millrace.json');
    const begun = await second.ask({ type: 'subscribe', sub: 1, topic, from: { token } });
    assert.equal(begun.recovered, true);
    assert.equal((await second.records(1))[0].offset, 123);
    second.socket.close();
  },
  async 'json: commands in fragments, with pings between them'() {
    const client = await Client.open('millrace.json');
    const text = JSON.stringify({ type: 'ping', id: 'fragments' });
    const pong = new Promise((resolve) => client.socket.once('pong', (data) => resolve(data)));
    client.socket.send(text.slice(0, 5), { fin: false });
    client.socket.ping('between');
    client.socket.send(text.slice(5, 9), { fin: false });
    client.socket.send(text.slice(9), { fin: true });
    assert.equal(String(await pong), 'between');
    assert.equal((await client.next(({ id }) => id === 'fragments')).type, 'ok');
    client.socket.close();
  },
  async 'json: what is wrong is answered by an error, and the socket stays'() {
    const client = await Client.open('millrace.json');
    client.socket.send('{"type":');
    assert.equal((await client.next(({ type }) => type === 'error')).code, 'bad_json');
    assert.equal((await client.ask({ type: 'fly' })).code, 'unknown_command');
    assert.equal((await client.ask({ type: 'subscribe', topic: 7 })).field, 'topic');
    assert.equal((await client.ask({ type: 'ping' })).type, 'ok');
    client.socket.close();
  },
  async 'json: a binary message closes with 1003 and a reason to read'() {
    const client = await Client.open('millrace.json');
    client.socket.send(Buffer.from([1, 2, 3]));
    const { code, reason } = await client.closed;
    assert.equal(code, 1003);
    assert.deepEqual(Object.keys(JSON.parse(reason)), ['code', 'reason', 'retry']);
  },
  async 'batch: record batches as they are stored'() {
    const client = await Client.open('millrace.batch');
    await client.ask({ type: 'subscribe', sub: 3, topic, from: 'earliest' });
    const { binary } = await client.next((message) => message.binary !== undefined);
    assert.equal(binary[0], 1, 'kind');
    assert.equal(binary.readUInt32BE(4), 3, 'sub');
    assert.equal(binary.readUInt32BE(28), 500, 'next');
    assert.equal(binary.readUInt32BE(40), 500, 'count');
    const batches = 48 + binary.readUInt16BE(2);
    assert.equal(binary[batches + 16], 2, 'magic of the first batch');
    client.socket.close();
  },
  async 'produced batches are appended as they are'() {
    const client = await Client.open('millrace.batch');
    await client.ask({ type: 'subscribe', sub: 1, topic, from: 'earliest' });
    const { binary } = await client.next((message) => message.binary !== undefined);
    const batches = binary.subarray(48 + binary.readUInt16BE(2));
    const name = Buffer.from(topic);
    const head = Buffer.alloc(12);
    head[0] = 2;
    head[1] = 1;
    head.writeUInt16BE(name.length, 2);
    head.writeUInt32BE(99, 4);
    client.socket.send(Buffer.concat([head, name, batches]));
    const answer = await client.next(({ id }) => id === 99);
    assert.equal(answer.offsets[0].base, 500);
    client.socket.close();
  },
};

for (const [step, work] of Object.entries(steps)) {
  let error = null;
  try {
    await work();
  } catch (thrown) {
    error = thrown.message;
  }
  process.stdout.write(`${JSON.stringify({ step, error })}\n`);
}
process.exit(0);

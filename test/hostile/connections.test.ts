import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { WireClient } from '../support/wire-client.ts';
import { settled, sleep, underAttack } from './under-attack.ts';

let broker: BrokerProcess;

afterEach(async () => {
  await broker.kill();
});

const FIRST_HELLO = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
const API_VERSIONS = frame(
  encodeRequest(API.API_VERSIONS, 3, { correlationId: 1, clientId: 'x' }, FIRST_HELLO),
);

async function answers(peer: RawPeer): Promise<boolean> {
  await peer.send(API_VERSIONS);
  await Promise.race([peer.receives(8), peer.closed]);
  return peer.receivedBytes >= 8;
}

describe('limits of connections', () => {
  test('max.connections closes the one too many, and a place comes back', async () => {
    broker = await BrokerProcess.start({ config: { 'max.connections': 3 } });
    const peers = await Promise.all([1, 2, 3].map(() => RawPeer.open(broker.port)));
    for (const peer of peers) expect(await answers(peer)).toBe(true);
    const refused = await RawPeer.open(broker.port);
    await refused.closedWithin(1000);
    const refusal = /refused a connection from 127\.0\.0\.1: max\.connections \(3\)/;
    // The log line comes through another pipe than the end of the connection.
    await settled(async () => refusal.test(broker.log));
    peers[0]!.destroy();
    await settled(async () => {
      const next = await RawPeer.open(broker.port);
      const served = await answers(next);
      next.destroy();
      return served;
    });
    for (const peer of peers) peer.destroy();
  });

  test('max.connections.per.ip leaves room for other addresses, and has exceptions', async () => {
    broker = await BrokerProcess.start({
      config: {
        listeners: 'PLAINTEXT://0.0.0.0:0',
        'millrace.insecure': 'true',
        'max.connections.per.ip': 2,
        'max.connections.per.ip.overrides': '127.0.0.3:4',
      },
    });
    const servedFrom = async (address: string, count: number): Promise<number> => {
      const peers: RawPeer[] = [];
      for (let i = 0; i < count; i++) peers.push(await RawPeer.open(broker.port, address));
      const served = await Promise.all(peers.map((peer) => answers(peer)));
      for (const peer of peers) peer.destroy();
      return served.filter(Boolean).length;
    };
    expect(await servedFrom('127.0.0.2', 5)).toBe(2);
    expect(await servedFrom('127.0.0.3', 6)).toBe(4);
    expect(await servedFrom('127.0.0.4', 1)).toBe(1);
    expect(broker.log).toMatch(/127\.0\.0\.2: max\.connections\.per\.ip \(2\) is reached/);
  });

  test('max.connection.creation.rate lets a burst of one second through', async () => {
    broker = await BrokerProcess.start({ config: { 'max.connection.creation.rate': 10 } });
    const peers = await Promise.all(Array.from({ length: 40 }, () => RawPeer.open(broker.port)));
    const served = await Promise.all(peers.map((peer) => answers(peer)));
    const count = served.filter(Boolean).length;
    expect(count).toBeGreaterThanOrEqual(10);
    expect(count).toBeLessThan(30);
    expect(broker.log).toMatch(/max\.connection\.creation\.rate \(10 a second\) is exceeded/);
    for (const peer of peers) peer.destroy();
    await sleep(400);
    const later = await RawPeer.open(broker.port);
    expect(await answers(later)).toBe(true);
    later.destroy();
  });
});

describe('time-outs', () => {
  test('a connection that sends nothing is closed after the first-byte time-out', async () => {
    broker = await BrokerProcess.start({
      config: { 'millrace.connection.first.byte.timeout.ms': 200 },
    });
    const peer = await RawPeer.open(broker.port);
    await peer.closedWithin(3000);
    expect(broker.log).toMatch(/sent no request within 200 ms/);
  });

  test.each([true, false])(
    'an idle connection is closed after connections.max.idle.ms (it has asked: %s)',
    async (hasAsked) => {
      broker = await BrokerProcess.start({ config: { 'connections.max.idle.ms': 300 } });
      const peer = await RawPeer.open(broker.port);
      if (hasAsked) expect(await answers(peer)).toBe(true);
      await peer.closedWithin(3500);
      expect(broker.log).toMatch(/was idle for 300 ms/);
    },
  );

  test('a thousand that send nothing are closed, and nobody else notices', async () => {
    broker = await BrokerProcess.start({
      config: {
        'millrace.connection.first.byte.timeout.ms': 2000,
        'max.connections.per.ip': 2000,
        'max.connection.creation.rate': 2000,
      },
    });
    await underAttack('1,000 silent peers', broker, async () => {
      const peers = await Promise.all(
        Array.from({ length: 1000 }, () => RawPeer.open(broker.port)),
      );
      expect(await broker.metric('millrace_connections')).toBeGreaterThanOrEqual(1000);
      await Promise.all(peers.map((peer) => peer.closedWithin(10_000)));
    });
    expect(await broker.metric('millrace_connections')).toBeLessThan(10);
  });

  test('a frame that comes byte by byte is cut off', async () => {
    broker = await BrokerProcess.start({
      config: { 'millrace.connection.slow.frame.timeout.ms': 500 },
    });
    await underAttack('slowloris, 50 peers', broker, async () => {
      const peers = await Promise.all(Array.from({ length: 50 }, () => RawPeer.open(broker.port)));
      let sent = 0;
      const drip = setInterval(() => {
        for (const peer of peers) {
          peer.socket.write(API_VERSIONS.subarray(sent % 8, (sent % 8) + 1));
        }
        sent++;
      }, 300);
      try {
        await Promise.all(peers.map((peer) => peer.closedWithin(5000)));
      } finally {
        clearInterval(drip);
      }
    });
    expect(broker.log).toMatch(/took over 500 ms for one frame/);
  });

  test('a connection that is busy all the time is never cut for a slow frame', async () => {
    broker = await BrokerProcess.start({
      config: { 'millrace.connection.slow.frame.timeout.ms': 500 },
    });
    const peer = await RawPeer.open(broker.port);
    peer.forget();
    // Every write ends inside a frame, for three times the limit.
    const [head, tail] = [API_VERSIONS.subarray(0, 9), API_VERSIONS.subarray(9)];
    await peer.send(head);
    for (let i = 0; i < 30; i++) {
      await peer.send(Buffer.concat([tail, head]));
      await sleep(100);
    }
    await peer.send(tail);
    const before = peer.receivedBytes;
    await settled(() => peer.receivedBytes > before - 1);
    expect(broker.log).not.toMatch(/for one frame/);
    peer.destroy();
  }, 20_000);
});

test('resets in mid-frame and half-closed peers give everything back', async () => {
  broker = await BrokerProcess.start();
  await underAttack('resets and half closes', broker, async () => {
    for (let round = 0; round < 20; round++) {
      const peers = await Promise.all(Array.from({ length: 20 }, () => RawPeer.open(broker.port)));
      await Promise.all(peers.map((peer) => peer.send(API_VERSIONS.subarray(0, 7))));
      for (const [index, peer] of peers.entries()) {
        if (index % 2 === 0) peer.reset();
        else peer.socket.end();
      }
      await Promise.all(peers.map((peer) => peer.closedWithin(1000)));
      for (const peer of peers) peer.destroy();
    }
  });
  await settled(async () => (await broker.metric('millrace_connections')) === 0);
});

test('1,000 connections a second, opened and closed, are no burden', async () => {
  broker = await BrokerProcess.start();
  await underAttack('connect and close, 3,000 times', broker, async () => {
    for (let round = 0; round < 60; round++) {
      const peers = await Promise.all(Array.from({ length: 50 }, () => RawPeer.open(broker.port)));
      for (const peer of peers) peer.destroy();
    }
  });
}, 60_000);

/** MILLRACE_HOSTILE_CONNECTIONS=10000 for the figure of the README. */
const SILENT = Number(process.env.MILLRACE_HOSTILE_CONNECTIONS ?? 2000);

test(`${SILENT} connections that say nothing cost bounded memory, which comes back`, async () => {
  broker = await BrokerProcess.start({
    config: {
      'max.connections': 20_000,
      'max.connections.per.ip': 20_000,
      'max.connection.creation.rate': 20_000,
    },
  });
  const attack = async () => {
    const peers: RawPeer[] = [];
    while (peers.length < SILENT) {
      peers.push(
        ...(await Promise.all(Array.from({ length: 100 }, () => RawPeer.open(broker.port)))),
      );
    }
    await settled(async () => (await broker.metric('millrace_connections')) >= SILENT);
    for (const peer of peers) peer.destroy();
  };
  // The heap is as before, but neither V8 nor malloc gives all of their pages back at once.
  const slack = { megabytes: 48 + SILENT / 100, descriptors: 4 };
  await underAttack(`${SILENT} silent connections`, broker, attack, slack);
}, 90_000);

test('a low limit of descriptors bounds the connections, so that logs can still roll', async () => {
  broker = await BrokerProcess.start({ under: 'ulimit -n 160; exec "$@"' });
  expect(broker.log).toMatch(/the limit of open files \(ulimit -n\) leaves room for 32/);
  const peers = await Promise.all(Array.from({ length: 60 }, () => RawPeer.open(broker.port)));
  const served = await Promise.all(peers.map((peer) => answers(peer)));
  expect(served.filter(Boolean).length).toBe(32);
  for (const peer of peers) peer.destroy();
});

test('HTTP takes no more of few descriptors than it may, and gives them back', async () => {
  broker = await BrokerProcess.start({ under: 'ulimit -n 160; exec "$@"' });
  for (let round = 0; round < 2; round++) {
    const peers = await Promise.all(
      Array.from({ length: 60 }, () => RawPeer.open(broker.httpPort)),
    );
    let closed = 0;
    for (const peer of peers) peer.closed.then(() => closed++);
    await settled(() => closed >= 36);
    // One more where the connection of our own last request is still open.
    expect(closed).toBeLessThan(38);
    expect(broker.log).toMatch(/refused a connection of HTTP from \S+: too many are open/);
    const client = await WireClient.open(broker.port);
    await client.ask(API.API_VERSIONS, 3, FIRST_HELLO);
    client.close();
    for (const peer of peers) peer.destroy();
    await settled(async () => (await broker.http('/livez').catch(() => null))?.status === 200);
  }
});

test('without descriptors to spare it stops accepting, serves on, and recovers', async () => {
  broker = await BrokerProcess.start();
  const early = await WireClient.open(broker.port);
  await early.ask(API.API_VERSIONS, 3, FIRST_HELLO);
  const limit = broker.descriptorCount + 30;
  execFileSync('prlimit', ['--pid', String(broker.pid), `--nofile=${limit}:${limit}`]);
  const peers = await Promise.all(Array.from({ length: 120 }, () => RawPeer.open(broker.port)));
  await sleep(300);
  const ticks = broker.cpuTicks;
  await early.ask(API.API_VERSIONS, 3, FIRST_HELLO);
  await sleep(1000);
  // A loop that accepts in vain again and again would take the whole processor: 100 ticks.
  expect(broker.cpuTicks - ticks).toBeLessThan(60);
  expect(broker.isAlive).toBe(true);
  for (const peer of peers) peer.destroy();
  await settled(async () => {
    const late = await RawPeer.open(broker.port);
    const served = await answers(late);
    late.destroy();
    return served;
  });
  early.close();
});

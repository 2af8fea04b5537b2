/** Each record of a client's handshake is cut, repeated, reordered, damaged, made too large. */
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import { freePort } from '../../conformance/lib/brokers.mjs';
import { HealthyClient } from '../../hostile/healthy-client.ts';
import { settled } from '../../hostile/under-attack.ts';
import { BrokerProcess } from '../../support/broker-process.ts';
import { attempt, isServed } from '../../support/secured-client.ts';
import { type RecordFault, TlsRecordProxy } from '../../support/tls-record-proxy.ts';

const MEMORY_MB_MAX = 60;
const PATIENCE_MS = 700;
const HEADER_BYTES = 5;
const RECORD_BYTES_MAX = 2 ** 14;
const [CHANGE_CIPHER, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23];

const NAMES = new Map([
  [CHANGE_CIPHER, 'change of the cipher'],
  [HANDSHAKE, 'handshake'],
  [DATA, 'data'],
]);

const authority = new ThrowAwayAuthority();
const trusting = { ca: authority.certificate, servername: 'localhost' };
let broker: BrokerProcess;
let port = 0;

beforeAll(async () => {
  port = await freePort();
  const { certificate, key } = authority.issue({ commonName: 'localhost', hosts: ['localhost'] });
  broker = await BrokerProcess.start({
    config: {
      listeners: `PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:${port}`,
      'ssl.keystore.certificate.chain': certificate,
      'ssl.keystore.key': key,
    },
  });
});

afterAll(async () => {
  await broker.kill();
});

function record(type: number, content: Buffer, length = content.length): Buffer {
  const header = Buffer.from([type, 3, 3, 0, 0]);
  header.writeUInt16BE(length, 3);
  return Buffer.concat([header, content]);
}

const bitFlipped = (bytes: Buffer): Buffer => {
  const at = HEADER_BYTES + ((bytes.length - HEADER_BYTES) >> 1);
  bytes[at] = bytes[at]! ^ 1;
  return bytes;
};

/** What is done to one record. */
const FAULTS: Readonly<Record<string, (bytes: Buffer) => Buffer | 'cut'>> = {
  'is cut before': () => 'cut',
  'is left out': () => Buffer.alloc(0),
  'is truncated': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'is shorter than it says': (bytes) => bytes.subarray(0, bytes.length - 1),
  'comes twice': (bytes) => Buffer.concat([bytes, bytes]),
  'has a flipped bit': bitFlipped,
  'is of another kind': (bytes) =>
    record(bytes[0] === HANDSHAKE ? DATA : HANDSHAKE, bytes.subarray(5)),
  'has no content': (bytes) => record(bytes[0]!, Buffer.alloc(0)),
  'is too large': (bytes) => record(bytes[0]!, Buffer.alloc(RECORD_BYTES_MAX + 2049, 1)),
  'says to be larger than may be': (bytes) => record(bytes[0]!, bytes.subarray(5), 0xffff),
  'comes behind an alert': (bytes) => Buffer.concat([record(ALERT, Buffer.from([2, 40])), bytes]),
  'comes behind a warning': (bytes) => Buffer.concat([record(ALERT, Buffer.from([1, 90])), bytes]),
  'comes behind changes of the cipher': (bytes) => {
    const change = record(CHANGE_CIPHER, Buffer.from([1]));
    return Buffer.concat([...new Array<Buffer>(100).fill(change), bytes]);
  },
  'comes behind data': (bytes) => Buffer.concat([record(DATA, Buffer.alloc(40, 7)), bytes]),
};

/**
 * What the protocol lets pass: warnings, the change of the cipher that TLS 1.3 knows in name only,
 * and whatever hits the request itself a second time, when its answer has left.
 */
const MAY_PASS = /warning|^change|^request comes twice$/;

/** The fault hits one record; `swapped` holds it back until the next has gone. */
function hitting(index: number, fault: (bytes: Buffer) => Buffer | 'cut'): RecordFault {
  return (bytes, at) => (at === index ? fault(bytes) : bytes);
}

function swapped(index: number): RecordFault {
  let held: Buffer = Buffer.alloc(0);
  return (bytes, at) => {
    if (at !== index) return Buffer.concat([bytes, at === index + 1 ? held : Buffer.alloc(0)]);
    held = bytes;
    return Buffer.alloc(0);
  };
}

async function through(fault: RecordFault, options: ConnectionOptions) {
  await using proxy = await TlsRecordProxy.open(port, fault);
  const how = await attempt(proxy.port, { ...trusting, ...options }, PATIENCE_MS);
  if (how.kind === 'served') how.socket.destroy();
  return { kind: how.kind, records: proxy.seenRecords, kinds: proxy.seenKinds };
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a handshake of %s', (version) => {
  const options = { minVersion: version, maxVersion: version };

  test('refuses what is damaged, whichever record it is, and serves others meanwhile', async () => {
    const healthy = await HealthyClient.start(broker.port);
    const beforeMb = broker.anonymousMb;
    const { kind, records, kinds } = await through((bytes) => bytes, options);
    expect(kind).toBe('served');
    expect(records).toBeGreaterThanOrEqual(3);
    const passed: string[] = [];
    for (let index = 0; index < records; index++) {
      const all: [string, RecordFault][] = Object.entries(FAULTS).map(([name, fault]) => {
        return [name, hitting(index, fault)];
      });
      if (index < records - 1) all.push(['comes after the next', swapped(index)]);
      const outcomes = await Promise.all(
        all.map(async ([name, fault]) => ({ name, ...(await through(fault, options)) })),
      );
      const what = index === records - 1 ? 'request' : NAMES.get(kinds[index]!)!;
      const served = outcomes.filter((each) => each.kind === 'served');
      passed.push(...served.map(({ name }) => `${what} ${name}`));
      expect(await isServed(port, { ...trusting, ...options }), `record ${index}`).toBe(true);
    }
    expect(passed.filter((name) => !MAY_PASS.test(name))).toEqual([]);
    await healthy.stop();
    expect(broker.isAlive, broker.log).toBe(true);
    expect(broker.anonymousMb).toBeLessThan(beforeMb + MEMORY_MB_MAX);
    await settled(async () => (await broker.metric('millrace_connections')) === 0);
    expect(broker.log).toMatch(/the TLS handshake with 127\.0\.0\.1 failed: \S+/);
  });
});

test('renegotiation is not done, and the connection goes on', async () => {
  const how = await attempt(port, { ...trusting, maxVersion: 'TLSv1.2' });
  if (how.kind !== 'served') throw new Error(how.kind);
  const { socket } = how;
  const outcome = new Promise<Error | null>((resolve) => {
    socket.removeAllListeners('error').on('error', resolve);
    socket.renegotiate({}, resolve);
  });
  expect((await outcome)?.message).toMatch(/no renegotiation/i);
  socket.destroy();
  expect(await isServed(port, trusting)).toBe(true);
});

/** The extension that says which versions a client speaks, hidden from the broker. */
function withoutVersions(hello: Buffer): Buffer {
  const at = hello.indexOf(Buffer.from([0, 43, 0]));
  if (at > 0) hello.writeUInt16BE(0xfa43, at);
  return hello;
}

test('a client that is talked down to an older version notices', async () => {
  const { kind } = await through(hitting(0, withoutVersions), { minVersion: 'TLSv1.2' });
  expect(kind).toBe('refused');
});

test.each([
  ['an older version', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }],
  ['ciphers that are broken', { maxVersion: 'TLSv1.2', ciphers: 'NULL:aNULL:RC4:3DES' }],
] as const)('%s is refused', async (_, options) => {
  // The client's own OpenSSL must be willing to offer them at all.
  const willing = {
    ...trusting,
    ...options,
    ciphers: `${'ciphers' in options ? options.ciphers : 'DEFAULT'}:@SECLEVEL=0`,
  };
  expect((await attempt(port, willing)).kind).toBe('refused');
  expect(await isServed(port, trusting)).toBe(true);
});

test('a session is resumed with its ticket', async () => {
  const session = await new Promise<Buffer>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ...trusting });
    socket.on('error', reject);
    socket.once('session', (ticket) => {
      socket.destroy();
      resolve(ticket);
    });
  });
  const how = await attempt(port, { ...trusting, session });
  if (how.kind !== 'served') throw new Error(how.kind);
  expect(how.socket.isSessionReused()).toBe(true);
  how.socket.destroy();
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocketClient } from '../../support/web-socket-client.ts';
import { GatewayFixture } from '../gateway-fixture.ts';

/** Checks RFC 6455 at the gateway. The Autobahn suite (test/conformance) has many more cases. */
let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
});
afterAll(() => gateway.close());

const FIN = 0x80;
const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;

/** A masked frame; the first byte holds FIN, reserved bits and opcode. */
function frame(first: number, payload: Uint8Array | string = ''): Buffer {
  const body = Buffer.from(payload as string);
  const { length } = body;
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + size + 4);
  head[0] = first;
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeUInt32BE(length, 6);
  const mask = [0x12, 0x34, 0x56, 0x78];
  for (let i = 0; i < 4; i++) head[2 + size + i] = mask[i]!;
  return Buffer.concat([head, body.map((byte, i) => byte ^ mask[i % 4]!)]);
}

function ping(id: string): string {
  return JSON.stringify({ type: 'ping', id });
}

async function answered(client: WebSocketClient, id: string): Promise<void> {
  expect((await client.next((text) => text.id === id)).type).toBe('ok');
}

describe('frames of the gateway', () => {
  it('may have any payload size, masked', async () => {
    const client = await gateway.connect();
    const empty = ping('').length;
    for (const size of [empty + 1, 125, 126, 127, 128, 65_535, 65_536, 200_000]) {
      const id = 'x'.repeat(size - empty);
      client.socket.write(frame(FIN | TEXT, ping(id)));
      await answered(client, id);
    }
    client.socket.write(frame(FIN | TEXT, ''));
    expect(await client.next((text) => text.type === 'error')).toMatchObject({ code: 'bad_json' });
  });

  it('may be sent byte by byte and many at once', async () => {
    const client = await gateway.connect();
    client.socket.setNoDelay(true);
    for (const byte of frame(FIN | TEXT, ping('slow'))) client.socket.write(Buffer.from([byte]));
    await answered(client, 'slow');
    const many = Array.from({ length: 50 }, (_, i) => frame(FIN | TEXT, ping(`many ${i}`)));
    client.socket.write(Buffer.concat(many));
    for (let i = 0; i < 50; i++) await answered(client, `many ${i}`);
  });

  it('may come in fragments with control frames between them, cut inside of a letter', async () => {
    const client = await gateway.connect();
    const bytes = Buffer.from(ping('ü€😀'));
    client.socket.write(frame(TEXT, bytes.subarray(0, 25)));
    client.socket.write(frame(FIN | PING, 'between'));
    for (let at = 25; at < bytes.length; at++) {
      client.socket.write(frame(CONTINUATION, bytes.subarray(at, at + 1)));
    }
    client.socket.write(frame(FIN | CONTINUATION));
    await answered(client, 'ü€😀');
  });

  it('are never agreed to be compressed, so that none is a bomb (CVE-2026-27571)', async () => {
    const client = await gateway.connect('millrace.json', {
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
    });
    client.socket.write(frame(FIN | 0x40 | TEXT, ping('1')));
    await client.closed;
  });

  it('may be a hundred thousand empty fragments, which cost nothing (CVE-2026-48779)', async () => {
    const client = await gateway.connect();
    const empty = Buffer.concat(Array.from({ length: 1000 }, () => frame(CONTINUATION)));
    const before = process.memoryUsage().rss;
    client.socket.write(frame(TEXT, ping('patient')));
    for (let i = 0; i < 100; i++) client.socket.write(empty);
    client.socket.write(frame(FIN | CONTINUATION));
    await answered(client, 'patient');
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('end the socket where fragments add up to more than a frame may have', async () => {
    const client = await gateway.connect();
    const piece = frame(CONTINUATION, Buffer.alloc(60_000, 0x20));
    client.socket.write(frame(TEXT, '"'));
    for (let i = 0; i < 100; i++) client.socket.write(piece);
    await client.closed;
  });

  const broken: readonly (readonly [name: string, ...frames: Buffer[]])[] = [
    ['a reserved bit', frame(FIN | 0x40 | TEXT, ping('1'))],
    ['a reserved opcode', frame(FIN | 3, 'x')],
    ['a reserved control opcode', frame(FIN | 11, 'x')],
    ['a ping in fragments', frame(PING, 'x')],
    ['a ping of over 125 bytes', frame(FIN | PING, 'x'.repeat(126))],
    ['a continuation of nothing', frame(FIN | CONTINUATION, ping('1'))],
    ['a message within a message', frame(TEXT, 'x'), frame(FIN | TEXT, ping('1'))],
    ['text that is not UTF-8', frame(FIN | TEXT, Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
    [
      'text that is not UTF-8 over fragments',
      frame(TEXT, Buffer.from([0xf4])),
      frame(FIN | CONTINUATION, Buffer.from([0x90, 0x80, 0x80])),
    ],
    ['a length beyond all limits', Buffer.from('81ff7fffffffffffffff00000000', 'hex')],
  ];
  it.each(broken)('end the socket for %s', async (_name, ...frames) => {
    const client = await gateway.connect();
    for (const bytes of frames) client.socket.write(bytes);
    await client.closed;
    expect(client.waiting.filter(({ type }) => type === 'ok')).toEqual([]);
  });

  it.each([
    ['with a code and a reason', '03e8676f6f64', 1000],
    ['with nothing', '', 1005],
    ['with a code of its own', '0fa1', 4001],
  ])('close %s, which comes back', async (_name, payload, status) => {
    const client = await gateway.connect();
    const received: Buffer[] = [];
    client.socket.prependListener('data', (chunk: Buffer) => received.push(chunk));
    client.socket.write(frame(FIN | CLOSE, Buffer.from(payload, 'hex')));
    await new Promise((resolve) => client.socket.once('close', resolve));
    const [first, size, ...rest] = Buffer.concat(received);
    expect(first).toBe(FIN | CLOSE);
    const code = size === 0 ? 1005 : Buffer.from(rest).readUInt16BE(0);
    expect(code).toBe(status);
  });
});

import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpResponse } from '#millrace/gateway/engine/http-response';
import { NodeEngine } from '#millrace/gateway/engine/node/node-engine';
import { NodeResponse } from '#millrace/gateway/engine/node/node-response';

/** The tests wait for what follows it, so any number would do. */
const STALLED_MS = 20;
/** More than the system takes for a peer that reads nothing. */
const LARGE = 'x'.repeat(30_000_000);
const CHUNK = 'x'.repeat(1_000_000);
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** Writes for as long as the peer reads. */
function writeForever(response: HttpResponse): void {
  const write = (): boolean => {
    while (response.write(CHUNK));
    return true;
  };
  response.onWritable(write);
  write();
}

describe('a peer that stalls', () => {
  let engine: NodeEngine;
  let peer: Socket;
  /** The peer's request has come. */
  let reached: Promise<HttpResponse>;
  /** The engine has given the connection up. */
  let left: Promise<void>;
  let abortedCount: number;

  beforeEach(async () => {
    engine = new NodeEngine('127.0.0.1', STALLED_MS);
    abortedCount = 0;
    left = new Promise((resolve) => engine.admit(() => true, resolve));
    reached = new Promise((resolve) => {
      const route = (response: HttpResponse) => {
        response.onAborted(() => abortedCount++);
        resolve(response);
      };
      engine.get('/', route);
      engine.post('/', route);
    });
    await engine.listen(0);
    peer = connect(engine.port, '127.0.0.1');
    await once(peer, 'connect');
  });
  afterEach(() => {
    peer.destroy();
    engine.close();
  });

  it('is cut when it does not read an answer that goes on', async () => {
    peer.write(GET);
    writeForever(await reached);
    await left;
    expect(abortedCount).toBe(1);
  });

  it('is cut when it does not read the rest of an answer', async () => {
    peer.write(GET);
    (await reached).end(LARGE);
    await left;
    expect(abortedCount).toBe(0);
  });

  it('is cut when the rest of its body does not come', async () => {
    peer.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
    const chunks: string[] = [];
    (await reached).onData((chunk) => chunks.push(Buffer.from(chunk).toString()));
    await left;
    expect(chunks).toEqual(['half']);
    expect(abortedCount).toBe(1);
  });
});

it('limits a stall only while the peer has to read or to send', () => {
  const limits: number[] = [];
  const socket = { setTimeout: (ms: number) => limits.push(ms) };
  const request = Object.assign(new EventEmitter(), { socket, pause() {}, resume() {} });
  const outgoing = Object.assign(new EventEmitter(), { write: () => false, end() {} });
  const response = new NodeResponse(
    request as unknown as IncomingMessage,
    outgoing as unknown as ServerResponse,
    STALLED_MS,
  );
  response.onData(() => {});
  response.pause();
  response.resume();
  request.emit('end');
  expect(limits.splice(0)).toEqual([STALLED_MS, 0, STALLED_MS, 0]);
  response.onWritable(() => true);
  response.write(CHUNK);
  outgoing.emit('drain');
  expect(limits.splice(0)).toEqual([STALLED_MS, 0]);
  response.end();
  outgoing.emit('drain');
  expect(limits).toEqual([STALLED_MS]);
});

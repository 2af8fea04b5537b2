import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PeerGate } from '../../../src/cluster/embedded/peer-gate.ts';

const API_VERSIONS = 18;

let broker: Server;
let gate: PeerGate;
const sockets: Socket[] = [];

beforeEach(async () => {
  broker = createServer((socket) => {
    sockets.push(socket);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  const address = broker.address();
  gate = await PeerGate.open(typeof address === 'object' ? address!.port : 0);
});

afterEach(() => {
  gate.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  broker.close();
});

/** A request that says who sends it, as every connection of a broker begins. */
function firstRequest(clientId: string): Buffer {
  const id = Buffer.from(clientId);
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + id.length, 0);
  header.writeInt16BE(API_VERSIONS, 4);
  header.writeInt32BE(1, 8);
  header.writeInt16BE(id.length, 12);
  return Buffer.concat([header, id]);
}

async function peer(nodeId: number): Promise<Socket> {
  const socket = connect(gate.port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(firstRequest(`millrace-${nodeId}`));
  return socket;
}

async function echoOf(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  let heard = '';
  while (!heard.endsWith(text)) {
    const [bytes] = await once(socket, 'data');
    heard += bytes;
  }
  return heard;
}

it('passes on what brokers say, the first request too', async () => {
  const socket = await peer(11);
  expect(await echoOf(socket, 'hello')).toBe(`${firstRequest('millrace-11')}hello`);
});

it('lets nothing through from a broker that is shut out, and later all of it', async () => {
  const one = await peer(11);
  const two = await peer(12);
  await echoOf(one, 'before');
  gate.shutOut(11);
  let heard = '';
  one.on('data', (bytes) => {
    heard += bytes;
  });
  one.write('meanwhile');
  // What the other says goes the same way, so that this would have come before it.
  await echoOf(two, 'first');
  await echoOf(two, 'second');
  expect(heard).toBe('');
  gate.letIn(11);
  while (!heard.includes('meanwhile')) await once(one, 'data');
  expect(heard).toBe('meanwhile');
});

it('keeps a new connection of a broker that is shut out open and silent', async () => {
  gate.shutOut(11);
  const socket = await peer(11);
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes;
  });
  await echoOf(await peer(12), 'other');
  expect(heard).toBe('');
  gate.letIn(11);
  while (heard === '') await once(socket, 'data');
  expect(socket.destroyed).toBe(false);
});

it('closes one side where the other closes', async () => {
  const socket = await peer(11);
  await echoOf(socket, 'hello');
  for (const each of sockets) if (each !== socket) each.destroy();
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

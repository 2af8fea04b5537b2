import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { mutated } from './frame-mutator.ts';

const RECORD_HEADER_BYTES = 5;
const [CHANGE_CIPHER, ALERT, HANDSHAKE, DATA, HEARTBEAT] = [20, 21, 22, 23, 24];
const VERSIONS = [0x0300, 0x0301, 0x0303, 0x0304, 0x0200, 0x7f17];
const LENGTHS = [0, 1, 2 ** 14, 2 ** 14 + 256, 2 ** 14 + 257, 0xffff];
const HTTP = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
/** Version 2 of SSL had another form of the hello. */
const OLD_HELLO = Buffer.from('802e0100020015000000100100800700c0030080060040020080040080', 'hex');

type Random = () => number;

function pick<Choice>(from: readonly Choice[], random: Random): Choice {
  return from[Math.floor(random() * from.length)]!;
}

/** The first bytes that a client of Node sends with these options. */
export async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => client.destroy());
  const [socket] = await once(server, 'connection');
  const [hello] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return hello;
}

/** A record of any kind, whose length is that of its content more often than not. */
function record(random: Random): Buffer {
  const content = Buffer.alloc(Math.floor(random() * 80), 1);
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  const type = pick([CHANGE_CIPHER, ALERT, HANDSHAKE, DATA, HEARTBEAT, 0, 99, 255], random);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(pick(VERSIONS, random), 1);
  header.writeUInt16BE(random() < 0.7 ? content.length : pick(LENGTHS, random), 3);
  return Buffer.concat([header, content]);
}

/** A hello in records of a few bytes each, as the protocol allows. */
function inPieces(hello: Buffer, random: Random): Buffer {
  const content = hello.subarray(RECORD_HEADER_BYTES);
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const size = 1 + Math.floor(random() * 40);
    const header = Buffer.from(hello.subarray(0, RECORD_HEADER_BYTES));
    const part = content.subarray(at, at + size);
    header.writeUInt16BE(part.length, 3);
    pieces.push(header, part);
    at += size;
  }
  return Buffer.concat(pieces);
}

/** What a peer may send to a port of TLS in the place of a handshake, or in its midst. */
export function tlsBytes(hellos: readonly Buffer[], random: Random): Buffer {
  const hello = pick(hellos, random);
  const shape = random();
  if (shape < 0.35) return mutated(hello, random);
  if (shape < 0.45) return hello.subarray(0, Math.floor(random() * hello.length));
  if (shape < 0.55) return Buffer.concat([hello, hello]);
  if (shape < 0.65) return Buffer.concat([hello, record(random), record(random)]);
  if (shape < 0.75) return inPieces(hello, random);
  if (shape < 0.85) return Buffer.concat([record(random), record(random), hello]);
  if (shape < 0.9) return OLD_HELLO;
  if (shape < 0.95) return Buffer.from(HTTP);
  return Buffer.from(Array.from({ length: 500 }, () => Math.floor(random() * 256)));
}

import { ByteWriter } from '../../src/protocol/byte-writer.ts';
import type { MessageCodec } from '../../src/protocol/message-codec.ts';
import { randomMessage } from '../protocol/random-message.ts';

export interface FuzzedApi {
  readonly key: number;
  readonly flexibleFrom: number;
  readonly request: MessageCodec<unknown>;
}

type Random = () => number;

/** Lengths and counts that have broken parsers before. */
const EVIL_INT32 = [-1, -2, 0, 1, 127, 128, 0x7fff, 0xffff, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)];
const EVIL_VARINTS = [
  '00',
  '01',
  '7f',
  'ff01',
  'ffff03',
  'ffffffff07',
  'ffffffff0f',
  'ffffffffffff',
];

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}

/** A request as an honest but odd client would send it: every field has some value of its type. */
export function validFrame(api: FuzzedApi, version: number, random: Random): Buffer {
  const writer = new ByteWriter();
  writer.begin();
  api.request.encoder(version)(writer, randomMessage(api.request.schema, version, random));
  const body = Buffer.from(writer.finish());
  const header = Buffer.alloc(version >= api.flexibleFrom ? 11 : 10);
  header.writeInt16BE(api.key, 0);
  header.writeInt16BE(version, 2);
  header.writeInt32BE(Math.floor(random() * 2 ** 31), 4);
  header.writeInt16BE(-1, 8);
  return Buffer.concat([header, body]);
}

/** One to four places changed: a length, a count, a varint, a tag, a bit, a cut, a repeat. */
export function mutated(frame: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(frame);
  const rounds = 1 + Math.floor(random() * 4);
  for (let i = 0; i < rounds && bytes.length > 0; i++) bytes = mutateOnce(bytes, random);
  return bytes;
}

function mutateOnce(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * bytes.length);
  switch (Math.floor(random() * 8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
      return bytes;
    case 2:
      if (at + 4 <= bytes.length) bytes.writeInt32BE(pick(EVIL_INT32, random), at);
      return bytes;
    case 3:
      if (at + 2 <= bytes.length) bytes.writeInt16BE((pick(EVIL_INT32, random) << 16) >> 16, at);
      return bytes;
    case 4: {
      const varint = Buffer.from(pick(EVIL_VARINTS, random), 'hex');
      return Buffer.concat([bytes.subarray(0, at), varint, bytes.subarray(at + 1)]);
    }
    case 5: {
      const part = bytes.subarray(at, at + Math.floor(random() * 40));
      return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)]);
    }
    case 6:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + Math.floor(random() * 8))]);
    default:
      bytes[at] = pick([0x00, 0x01, 0x7f, 0x80, 0xff], random);
      return bytes;
  }
}

import { describe, expect, it, test } from 'vitest';
import { allCodecs } from '../../src/protocol/api-registry.ts';
import { ByteWriter } from '../../src/protocol/byte-writer.ts';
import { compileDecoder } from '../../src/protocol/codec-decoder.ts';
import { compileEncoder } from '../../src/protocol/codec-encoder.ts';
import { compileSource } from '../../src/protocol/compile-source.ts';
import { interpretDecoder } from '../../src/protocol/interpreted-decoder.ts';
import { interpretEncoder } from '../../src/protocol/interpreted-encoder.ts';
import type { MessageCodec } from '../../src/protocol/message-codec.ts';
import { resolveMessage } from '../../src/protocol/resolved-struct.ts';
import { randomMessage, seededRandom } from './random-message.ts';

const ROUNDS = 4;
const ELEMENTS_MAX = 64;

/** The coders of one version, both ways of making them. */
function codersOf({ schema }: MessageCodec<unknown>, version: number) {
  const struct = resolveMessage(schema, version);
  const { name } = schema;
  const compile = compileSource!;
  return {
    encoders: [
      compileEncoder(compile, name, version, struct),
      interpretEncoder(name, version, struct),
    ],
    decoders: [
      compileDecoder(compile, name, struct, ELEMENTS_MAX),
      interpretDecoder(name, struct, ELEMENTS_MAX),
    ],
  };
}

function written(encode: (writer: ByteWriter, message: unknown) => void, message: unknown): Buffer {
  const writer = new ByteWriter();
  writer.begin(true);
  encode(writer, message);
  return Buffer.concat(writer.finishChunks());
}

/** What comes of it, or the text of the error. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

function expectSameInterpreted(codec: MessageCodec<unknown>): void {
  const { lowest, highest } = codec.versions;
  for (let version = lowest; version <= highest; version++) {
    const { encoders, decoders } = codersOf(codec, version);
    const random = seededRandom(version + 7);
    for (let round = 0; round < ROUNDS; round++) {
      const message = randomMessage(codec.schema, version, random);
      const [bytes, own] = encoders.map((encode) => written(encode, message));
      expect(own!.equals(bytes!), `${codec.schema.name} v${version}`).toBe(true);
      const damaged = Buffer.from(bytes!);
      if (damaged.length > 0) damaged[Math.floor(random() * damaged.length)]! ^= 0x81;
      const cut = bytes!.subarray(0, Math.floor(random() * bytes!.length));
      for (const given of [bytes!, damaged]) {
        const [compiled, interpreted] = decoders.map((decode) => {
          return outcome(() => decode(given, 0, given.length));
        });
        // Fields of fixed size are looked for together or one by one: another may be named missing.
        const isCut =
          /ends inside it/.test(`${compiled}`) && /ends inside it/.test(`${interpreted}`);
        if (!isCut) expect(interpreted).toStrictEqual(compiled);
      }
      const [compiled, interpreted] = decoders.map((decode) => {
        return typeof outcome(() => decode(cut, 0, cut.length));
      });
      expect(interpreted).toBe(compiled);
    }
  }
}

for (const api of allCodecs()) {
  test(`${api.name} is the same where it is interpreted`, () => {
    expectSameInterpreted(api.request);
    expectSameInterpreted(api.response);
  });
}

describe('interpreted encoders', () => {
  const metadata = [...allCodecs()].find(({ name }) => name === 'Metadata')!.request;

  it.each([
    [9, { topics: 'all' }],
    [9, { topics: [{ name: 7 }] }],
    [9, { topics: [{ name: 'x'.repeat(40_000) }] }],
    [9, { topics: null, allowAutoTopicCreation: 'yes' }],
    [0, { topics: [], allowAutoTopicCreation: false }],
    [12, { topics: [{ topicId: 'short', name: null }] }],
    [12, null],
  ])('refuse what compiled ones refuse: v%i %j', (version, message) => {
    const { encoders } = codersOf(metadata, version);
    const [compiled, interpreted] = encoders.map((encode) => {
      return outcome(() => written(encode, message));
    });
    expect(interpreted).toBe(compiled);
    expect(interpreted).toBeTypeOf('string');
  });
});

import { expect, test } from 'vitest';
import { allCodecs } from '../../src/protocol/api-registry.ts';
import { ByteWriter } from '../../src/protocol/byte-writer.ts';
import { MessageCodec } from '../../src/protocol/message-codec.ts';
import * as consumerProtocol from '../../src/protocol/schema/consumer-protocol.ts';
import * as classicGroup from '../../src/protocol/schema/records-classic-group.ts';
import * as consumerGroup from '../../src/protocol/schema/records-consumer-group.ts';
import * as shareGroup from '../../src/protocol/schema/records-share-group.ts';
import * as streamsGroup from '../../src/protocol/schema/records-streams-group.ts';
import * as transaction from '../../src/protocol/schema/records-transaction.ts';
import * as headers from '../../src/protocol/schema/request-and-response-headers.ts';
import type { MessageSchema } from '../../src/protocol/schema-dsl.ts';
import { randomMessage, seededRandom } from './random-message.ts';

const ROUNDS = 25;

function expectRoundTrips(codec: MessageCodec<unknown>): void {
  const writer = new ByteWriter();
  for (let version = codec.versions.lowest; version <= codec.versions.highest; version++) {
    const random = seededRandom(version + 1);
    for (let round = 0; round < ROUNDS; round++) {
      const message = randomMessage(codec.schema, version, random);
      writer.begin();
      codec.encoder(version)(writer, message);
      const bytes = writer.finish();
      const decoded = codec.decoder(version)(bytes, 0, bytes.length);
      expect(decoded, `${codec.schema.name} v${version} round ${round}`).toStrictEqual(message);
    }
  }
}

for (const api of allCodecs()) {
  test(`${api.name} comes back as it was sent in each version`, () => {
    expectRoundTrips(api.request);
    expectRoundTrips(api.response);
  });
}

const rooms = {
  consumerProtocol,
  classicGroup,
  consumerGroup,
  shareGroup,
  streamsGroup,
  transaction,
  headers,
};

for (const [room, schemas] of Object.entries(rooms)) {
  test(`every message of ${room} comes back as it was written`, () => {
    for (const schema of Object.values(schemas)) {
      expectRoundTrips(new MessageCodec(schema as MessageSchema<unknown>));
    }
  });
}

import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

test.each([0, 1, 2, 3, 4, 5])(
  'version %i reaches the coordinator of the group',
  async (version) => {
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }];
    const answer = await client.ask(API.TXN_OFFSET_COMMIT, version, {
      transactionalId: 'a-transactional-id',
      groupId: 'group',
      producerId: 1,
      producerEpoch: 0,
      topics: [{ name: 'missing', partitions }],
    });
    const errorCode = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    expect(answer.topics).toEqual([
      { name: 'missing', partitions: [{ partitionIndex: 0, errorCode }] },
    ]);
  },
);

import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handlers } from '../../../src/front/handlers/index.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { apiName, codecFor } from '../../../src/protocol/api-registry.ts';
import { decodeResponse, encodeRequest } from '../../../src/protocol/frames.ts';
import { randomMessage, seededRandom } from '../../protocol/random-message.ts';
import { WireClient } from '../../support/wire-client.ts';

/** They may wait for as long as the random request says, or, with acks=0, not answer at all. */
const MAY_WAIT: ReadonlySet<number> = new Set([
  API.PRODUCE,
  API.FETCH,
  API.JOIN_GROUP,
  API.SYNC_GROUP,
]);
const SEEDS = [1, 2, 3, 4];

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker({ config: { 'offsets.topic.num.partitions': 3 } });
  await broker.createTopic('topic');
});

afterAll(() => broker.close());

/** Random texts name nothing that is there: half of them are made to. */
function aim(value: unknown, random: () => number): unknown {
  if (typeof value === 'string' && value.length !== 22) return random() < 0.5 ? 'topic' : value;
  if (typeof value === 'number') return random() < 0.5 ? 0 : value;
  if (Array.isArray(value)) return value.map((each) => aim(each, random));
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
  const fields = Object.entries(value).map(([name, each]) => [name, aim(each, random)]);
  return Object.fromEntries(fields);
}

function randomRequest(key: ApiKey, version: number, seed: number): Buffer {
  const random = seededRandom(seed * 1000 + version);
  const message = randomMessage(codecFor(key).request.schema, version, random);
  // A message that lost a value which its version must have cannot be encoded: take it as it was.
  const header = { correlationId: 7, clientId: 'hostile' };
  try {
    return encodeRequest(key, version, header, aim(message, random) as never);
  } catch {
    return encodeRequest(key, version, header, message as never);
  }
}

async function stillServes(): Promise<void> {
  const client = await WireClient.open(broker.port);
  expect((await client.ask(API.METADATA, 9, { topics: [] })).brokers).toHaveLength(1);
  const answer = await client.ask(API.LIST_GROUPS, 4, { statesFilter: [] });
  expect(answer.errorCode).toBe(0);
  client.close();
}

for (const handler of handlers) {
  const key = handler.key as ApiKey;
  const [lowest, highest] = handler.versions.split('-').map(Number);
  const versions = Array.from(
    { length: (highest ?? lowest!) - lowest! + 1 },
    (_, i) => lowest! + i,
  );

  if (!MAY_WAIT.has(key))
    test(`${apiName(key)} answers requests of all kinds`, async () => {
      for (const version of versions) {
        const client = await WireClient.open(broker.port);
        for (const seed of SEEDS) {
          const frame = randomRequest(key, version, seed);
          const answer = await Promise.race([client.askFrame(frame), client.closed]);
          expect(answer, `${apiName(key)} v${version}, seed ${seed}`).not.toBeNull();
          decodeResponse(key, version, answer!);
        }
        client.close();
      }
    });

  test(`${apiName(key)} that is cut off or altered harms nobody`, async () => {
    for (const version of versions) {
      const frame = randomRequest(key, version, 9);
      const random = seededRandom(version);
      const altered = Buffer.from(frame);
      for (let i = 0; i < 3; i++) {
        const at = 8 + Math.floor(random() * (frame.length - 8));
        altered[at] = Math.floor(random() * 256);
      }
      const cutOff = frame.subarray(0, 10 + Math.floor(random() * (frame.length - 10)));
      for (const bad of [altered, cutOff, frame.subarray(0, 8)]) {
        const client = await WireClient.open(broker.port);
        const soon = new Promise((resolve) => setTimeout(resolve, 50));
        await Promise.race([client.askFrame(bad), client.closed, soon]);
        client.close();
      }
    }
    await stillServes();
  });
}

import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedNowMs } from '../../../bench/drive/clock.ts';
import { ConsumerClient } from '../../../bench/drive/consumer-client.ts';
import type { ClientSetup, FromClient } from '../../../bench/drive/drive-messages.ts';
import type { DriveSpec } from '../../../bench/drive/drive-spec.ts';
import { ProducerClient } from '../../../bench/drive/producer-client.ts';
import { createTopic, endOffsetOf } from '../../../bench/load/admin.ts';
import { ControlClient } from '../../../bench/load/control-client.ts';

const SPEC: DriveSpec = {
  mode: 'produce',
  recordBytes: 100,
  values: 'plain',
  partitions: 3,
  topicConfig: {},
  producers: 2,
  producer: { acks: 1, lingerMs: 0 },
  awaited: 0,
  transactionMs: 0,
  rate: 0,
  groups: 0,
  members: [0],
  consumerProcesses: 0,
};
const MEASURE_MS = 200;

function fail(error: unknown): never {
  throw error;
}

describe('the clients of a load', () => {
  let broker: EmbeddedBroker;
  let control: ControlClient;
  let topics = 0;

  beforeAll(async () => {
    broker = await startBroker();
    const [host, port] = broker.bootstrapServers.split(':');
    control = await ControlClient.connect(host!, Number(port));
  });

  afterAll(async () => {
    control.close();
    await broker.close();
  });

  async function setupOf(more: Partial<DriveSpec>): Promise<ClientSetup> {
    const spec = { ...SPEC, ...more };
    const topic = `drive-${topics++}`;
    const bootstrap = broker.bootstrapServers;
    await createTopic(control, { name: topic, partitions: spec.partitions, configs: {} });
    return { role: 'producer', spec, bootstrap, topic, process: 0, ends: [] };
  }

  async function run(setup: ClientSetup) {
    const client = new ProducerClient(setup, fail);
    await client.begin();
    const openMs = sharedNowMs();
    const result = await client.run(openMs, openMs + MEASURE_MS);
    if (result.kind !== 'done') throw new Error(`a producer told ${result.kind}`);
    return result;
  }

  async function heldBy({ topic, spec }: ClientSetup): Promise<number> {
    let sum = 0;
    for (let i = 0; i < spec.partitions; i++) sum += await endOffsetOf(control, topic, i);
    return sum;
  }

  for (const acks of [1, 'all'] as const) {
    it(`counts with acks=${acks} what the topic holds`, async () => {
      const setup = await setupOf({ producer: { acks } });
      const { records } = await run(setup);
      expect(await heldBy(setup)).toBe(records);
      // A slow machine acknowledges what is sent in the window only behind it.
      expect(records).toBeGreaterThan(setup.spec.partitions * setup.spec.producers);
    });
  }

  it('counts a marker for each partition of each transaction', async () => {
    const setup = await setupOf({ producer: { acks: 'all' }, transactionMs: 20, producers: 1 });
    const { records, markers } = await run(setup);
    expect(markers).toBeGreaterThanOrEqual(SPEC.partitions);
    expect(await heldBy(setup)).toBe(records + markers);
  });

  it('counts awaited sends', async () => {
    const setup = await setupOf({ awaited: 4 });
    const { records } = await run(setup);
    expect(await heldBy(setup)).toBe(records);
  });

  it('hands everything to the members of each group', async () => {
    const setup = await setupOf({ mode: 'e2e', groups: 2, members: [2], consumerProcesses: 1 });
    let partitions = 0;
    const onTold = (message: FromClient): void => {
      if (message.kind === 'assigned') partitions = message.partitions;
    };
    const consumers = new ConsumerClient({ ...setup, role: 'consumer' }, onTold, fail);
    consumers.begin();
    await expect.poll(() => partitions, { timeout: 20_000 }).toBe(2 * SPEC.partitions);
    const { records } = await run(setup);
    await expect.poll(() => consumers.records, { timeout: 20_000 }).toBe(2 * records);
    consumers.end();
  });
});

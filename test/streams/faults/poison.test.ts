/**
 * Records that cannot be read, worked on or written. Policy: the handler of each place decides;
 * without one the application ends and names the record, and after a restart it ends there again,
 * with nothing of that record written and nothing before it lost.
 */
import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Consumer } from '#millrace/client/consumer/consumer';
import { Producer } from '#millrace/client/producer/producer';
import { custom, text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { failingHandlers, resumingHandlers } from '#millrace/streams/tasks/default-handlers';
import type { ProcessorContext } from '#millrace/streams/topology/processor';
import { Topology } from '#millrace/streams/topology/topology';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { GUARANTEES, progress } from '../support/counting.ts';

const PLACES = ['reading', 'working', 'writing'] as const;
const VALUES = ['1', '2', 'poison', '3', '4'];

function picky(what: string) {
  const check = (value: string) => {
    if (value === 'poison') throw new Error(`${what} cannot bear poison`);
    return value;
  };
  return custom<string | null, string>({
    serialize: (value) => (value === null ? null : check(value)),
    deserialize: (bytes) => check(Buffer.from(bytes).toString()),
  });
}

/** Passes records on; poison fails in one place. */
function passing(broker: EmbeddedBroker, place: (typeof PLACES)[number], more: object): Streams {
  const input = topic('input', { key: text, value: place === 'reading' ? picky('reader') : text });
  const output = topic('output', {
    key: text,
    value: place === 'writing' ? picky('writer') : text,
  });
  const builder = new StreamsBuilder();
  builder
    .stream(input)
    .mapValues((value) => {
      if (place === 'working' && value === 'poison') throw new Error('mapper cannot bear poison');
      return value;
    })
    .to(output);
  const { bootstrapServers } = broker;
  const options = { bootstrapServers, applicationId: 'app', commitIntervalMs: 20, ...more };
  return new Streams(builder, { ...options, onError: () => undefined } as never);
}

async function send(broker: EmbeddedBroker): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  const input = topic('input', { key: text, value: text });
  for (const value of VALUES) producer.send(input, { key: 'k', value });
  await producer.flush();
}

/** The values that committed readers find in a topic, up to one of them. */
async function values(broker: EmbeddedBroker, name: string, last: string): Promise<string[]> {
  const { bootstrapServers } = broker;
  const options = { isolationLevel: 'read_committed', autoOffsetReset: 'earliest' } as const;
  await using consumer = new Consumer<string, string>({ bootstrapServers, ...options });
  consumer.assign([{ topic: name, partition: 0 }], [topic(name, { key: text, value: text })]);
  const found: string[] = [];
  for await (const { value } of consumer) {
    found.push(value);
    if (value === last) break;
  }
  return found;
}

describe.each(GUARANTEES)('poison, %s', (processingGuarantee) => {
  it.each(PLACES)('in %s is left out by its handler, and kept as a dead letter', async (place) => {
    await using broker = await brokerWithTopics(['input', 'output', 'dead'], 1);
    await send(broker);
    const errorHandlers = resumingHandlers('dead');
    await using app = await passing(broker, place, { processingGuarantee, errorHandlers }).start();
    expect(await values(broker, 'output', '4')).toEqual(['1', '2', '3', '4']);
    expect(await values(broker, 'dead', 'poison')).toEqual(['poison']);
    expect([...app.droppedRecords.values()]).toEqual([1]);
    const commits = async () => (await progress(broker, 'input')).committed === 5;
    await until('all is committed', commits);
  });

  it.each(PLACES)('in %s ends the application each time, and nothing is skipped', async (place) => {
    await using broker = await brokerWithTopics(['input', 'output', 'dead'], 1);
    await send(broker);
    for (let life = 0; life < 2; life++) {
      const app = passing(broker, place, { processingGuarantee });
      await Promise.allSettled([app.start()]);
      await app.ended();
      expect(String(app.failure)).toMatch(/input|topic output/);
      expect(String((app.failure as Error).cause ?? app.failure)).toContain('poison');
      await app.close();
    }
    expect((await progress(broker, 'input')).committed).toBeLessThanOrEqual(2);
    const cured = passing(broker, 'reading', {
      processingGuarantee,
      errorHandlers: resumingHandlers(),
    });
    await cured.start();
    const all = await values(broker, 'output', '4');
    expect([...new Set(all)].toSorted()).toEqual(['1', '2', '3', '4']);
    if (processingGuarantee === 'exactly_once_v2') expect(all).toHaveLength(4);
    await cured.close();
  });

  it('in a global table is left out, and the rest of it is there', async () => {
    await using broker = await brokerWithTopics(['input', 'output', 'global'], 1);
    const { bootstrapServers } = broker;
    const texts = (name: string) => topic(name, { key: text, value: text });
    await using producer = new Producer({ bootstrapServers });
    for (const value of VALUES) producer.send(texts('global'), { key: value, value });
    await producer.flush();
    const builder = new StreamsBuilder();
    builder.globalTable(topic('global', { key: text, value: picky('reader') }), { as: 'rows' });
    builder.stream(texts('input')).to(texts('output'));
    const options = { bootstrapServers, processingGuarantee, applicationId: 'app' };
    await using app = await new Streams(builder, options).start();
    const keys = Array.from(app.store('rows').all(), ({ key }) => key);
    expect(keys).toEqual(['1', '2', '3', '4']);
    expect([...app.droppedRecords.values()]).toEqual([1]);
  });

  it.each(['fail', 'resume'] as const)('of a punctuation: its handler says %s', async (result) => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    const { bootstrapServers } = broker;
    let calls = 0;
    const failingClock = () => ({
      init(context: ProcessorContext<unknown, unknown>) {
        context.schedule(20, 'wall-clock', () => {
          calls++;
          throw new Error('the clock cannot bear it');
        });
      },
      process: () => undefined,
    });
    const topology = new Topology()
      .addSource('source', topic('input', { key: text, value: text }))
      .addProcessor('clock', failingClock, { parents: ['source'] });
    const app = new Streams(topology, {
      bootstrapServers,
      processingGuarantee,
      applicationId: 'app',
      errorHandlers: { ...failingHandlers(), processing: () => ({ result }) },
      onError: () => undefined,
    });
    await app.start();
    await until('it has been called', async () => calls >= (result === 'fail' ? 1 : 3));
    if (result === 'fail') {
      await app.ended();
      expect(String(app.failure)).toContain('processor=clock: the clock cannot bear it');
    } else {
      expect(app.state).toBe('RUNNING');
    }
    await app.close();
  });
});

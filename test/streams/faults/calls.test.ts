/**
 * Promises that never settle. Policy: the record is not committed. At least once, the others go on
 * until the operator may have no more under way, and a call that is long under way is told of. With
 * exactly once, what waits for it is taken back when a transaction may not last any longer, and the
 * record comes again.
 */
import { expect, it } from 'vitest';
import type { KafkaError } from '#millrace/client/errors/kafka-error';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { progress } from '../support/counting.ts';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });

it('with exactly once is told of, taken back, and called again', async () => {
  await using broker = await brokerWithTopics(['input', 'output'], 1);
  const { bootstrapServers } = broker;
  const errors: KafkaError[] = [];
  let calls = 0;
  const builder = new StreamsBuilder();
  builder
    .stream(input)
    .mapValuesAsync((value) => {
      calls++;
      return calls === 1 ? new Promise<string>(() => undefined) : Promise.resolve(`${value}!`);
    })
    .to(output);
  await using app = new Streams(builder, {
    bootstrapServers,
    applicationId: 'app',
    processingGuarantee: 'exactly_once_v2',
    commitIntervalMs: 20,
    producer: { transactionTimeoutMs: 1_000 },
    onError: (error) => errors.push(error),
  });
  await app.start();
  await using producer = new Producer({ bootstrapServers });
  producer.send(input, { key: 'a', value: 'a' }).toldElsewhere();
  await until('it is written', async () => (await progress(broker, 'output')).last > 0);
  expect(calls).toBe(2);
  expect(errors.map(({ message }) => message).join()).toMatch(/call.*KSTREAM-MAPVALUES/);
});

it('at least once lets the records before and beside it go on', async () => {
  await using broker = await brokerWithTopics(['input', 'output'], 1);
  const { bootstrapServers } = broker;
  const builder = new StreamsBuilder();
  const call = (value: string | null) =>
    value === '50' ? new Promise<string>(() => undefined) : Promise.resolve(`${value}!`);
  builder.stream(input).mapValuesAsync(call).to(output);
  await using app = new Streams(builder, {
    bootstrapServers,
    applicationId: 'app',
    commitIntervalMs: 20,
  });
  await app.start();
  await using producer = new Producer({ bootstrapServers });
  for (let i = 0; i < 100; i++)
    producer.send(input, { key: `${i}`, value: `${i}` }).toldElsewhere();
  await until('99 are written', async () => (await progress(broker, 'output')).last === 99);
  const commits = async () => (await progress(broker, 'input')).committed === 50;
  await until('what is before it is committed', commits);
  await app.close({ timeoutMs: 100 });
  expect((await progress(broker, 'input')).committed).toBe(50);
});

it('at least once is told of with its task, node, record and time', async () => {
  await using broker = await brokerWithTopics(['input', 'output'], 1);
  const { bootstrapServers } = broker;
  const errors: KafkaError[] = [];
  const builder = new StreamsBuilder();
  const never = (): Promise<string> => new Promise<string>(() => undefined);
  builder.stream(input).mapValuesAsync(never).to(output);
  await using app = new Streams(builder, {
    bootstrapServers,
    applicationId: 'app',
    commitIntervalMs: 20,
    taskTimeoutMs: 200,
    onError: (error) => errors.push(error),
  });
  await app.start();
  await using producer = new Producer({ bootstrapServers });
  producer.send(input, { key: 'a', value: 'a' }).toldElsewhere();
  await until('it is told', async () => errors.length > 0);
  expect(errors[0]!.message).toMatch(
    /^for \d+\.\d s, task 0_0, node KSTREAM-MAPVALUES-0000000001: a call for record 0 of input-0/,
  );
  expect(app.state).toBe('RUNNING');
  await app.close({ timeoutMs: 100 });
});

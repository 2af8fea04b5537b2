/** Kafka's KStreamImplValueJoinerWithKeyTest: joiners are told the key. */
import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import type { KStream } from '#millrace/streams/dsl/kstream';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { int32 } from '#millrace/streams/serde/numbers';
import { TestDriver } from '#millrace/streams/testing/test-driver';

const ints = (name: string) => topic(name, { key: text, value: int32 });
const left = ints('left');
const right = ints('right');
const output = topic('out', { key: text, value: text });
const within = { within: '100ms', grace: '24h' } as const;

function summed(value: number | null, other: number | null, key: string): string {
  return `${key}:${(value ?? 0) + (other ?? 0)}`;
}

const STREAMS: Readonly<Record<string, (builder: StreamsBuilder) => KStream<string, string>>> = {
  shouldIncludeKeyInStreamSteamJoinResults: (builder) =>
    builder.stream(left).join(builder.stream(right), summed, within),
  shouldIncludeKeyInStreamLeftJoinResults: (builder) =>
    builder.stream(left).leftJoin(builder.stream(right), summed, within),
  shouldIncludeKeyInStreamOuterJoinResults: (builder) =>
    builder.stream(left).outerJoin(builder.stream(right), summed, within),
};
const TABLES: typeof STREAMS = {
  shouldIncludeKeyInStreamTableJoinResults: (builder) =>
    builder.stream(left).join(builder.table(right), summed),
  shouldIncludeKeyInStreamTableLeftJoinResults: (builder) =>
    builder.stream(left).leftJoin(builder.table(right), summed),
  shouldIncludeKeyInStreamGlobalTableJoinResults: (builder) =>
    builder.stream(left).join(builder.globalTable(right), (_value, key) => key, summed),
  shouldIncludeKeyInStreamGlobalTableLeftJoinResults: (builder) =>
    builder.stream(left).leftJoin(builder.globalTable(right), (_value, key) => key, summed),
};

/** Tables have their row before the record of the stream comes. */
function results(build: (typeof STREAMS)[string], order: readonly ('left' | 'right')[]) {
  const builder = new StreamsBuilder();
  build(builder).to(output);
  using driver = new TestDriver(builder.build());
  for (const side of order) {
    if (side === 'left') driver.input(left).send({ key: 'A', value: 3, timestamp: 0 });
    else driver.input(right).send({ key: 'A', value: 2, timestamp: 0 });
  }
  const records = driver.output(output).readAll();
  return records.map(({ key, value }) => [key, value]);
}

describe("Kafka's KStreamImplValueJoinerWithKeyTest", () => {
  it.each(Object.entries(STREAMS))('%s', (_name, build) => {
    expect(results(build, ['left', 'right'])).toEqual([['A', 'A:5']]);
  });

  it.each(Object.entries(TABLES))('%s', (_name, build) => {
    expect(results(build, ['right', 'left'])).toEqual([['A', 'A:5']]);
  });
});

/** What does not compile, and what fails at run time where nobody compiled. */
import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { tumbling } from '#millrace/streams/dsl/windows';
import { float64, int32 } from '#millrace/streams/serde/numbers';

const orders = topic('orders', { key: text, value: int32 });
const totals = topic('totals', { key: text, value: float64 });

describe('the types of streams', () => {
  it('refuse a promise where nobody waits for it', () => {
    const stream = new StreamsBuilder().stream(orders);
    // @ts-expect-error a predicate of a promise is always true
    stream.filter(async (value) => value > 0);
    // @ts-expect-error the promise would be the value
    stream.mapValues(async (value) => value);
    // @ts-expect-error nobody would hear of a failure
    stream.forEach(async () => undefined);
    expect(() => stream.mapValuesAsync(async (value) => value)).not.toThrow();
  });

  it('ask for the serdes that an operator needs, and only for those', () => {
    const stream = new StreamsBuilder().stream(orders);
    stream.groupByKey().count();
    const named = stream.mapValues((value) => ({ value }));
    named.groupByKey().count();
    const moved = stream.selectKey((value) => value);
    moved.groupByKey({ key: int32 }).count();
    // @ts-expect-error the records are written again under keys without a serde
    expect(() => moved.groupByKey().count()).toThrow(/needs a serde for its keys/);
    // @ts-expect-error the objects have no serde
    expect(() => named.to('out')).toThrow(/needs a serde for its values/);
    const add = (all: number, value: number) => all + value;
    // @ts-expect-error the aggregate has no serde
    const sum = () => stream.groupByKey().aggregate(() => 0, add);
    expect(sum).toThrow(/needs a serde for its values/);
  });

  it('ask for none where the builder has defaults', () => {
    const builder = new StreamsBuilder({ defaults: { key: text, value: int32 } });
    const stream = builder.stream(orders).map((value, key) => [key, value]);
    expect(() => stream.groupByKey().reduce((one, other) => one + other)).not.toThrow();
  });

  it('flow to the topic at the end', () => {
    const windows = new StreamsBuilder().stream(orders).groupByKey().windowedBy(tumbling('10s'));
    const stream = windows
      .aggregate(
        () => 0.5,
        (sum, order) => sum + order,
        { value: float64 },
      )
      .toStream((_sum, { key }) => key);
    stream.to(totals);
    // @ts-expect-error the topic has other values
    stream.to(topic('texts', { key: text, value: text }));
    expect(stream).toBeDefined();
  });
});

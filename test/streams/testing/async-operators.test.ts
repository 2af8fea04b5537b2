import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import type { AsyncOptions } from '#millrace/streams/dsl/operator-options';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { int64 } from '#millrace/streams/serde/numbers';
import { resumingHandlers } from '#millrace/streams/tasks/default-handlers';
import { TestDriver } from '#millrace/streams/testing/test-driver';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });
const counts = topic('counts', { key: text, value: int64 });

interface Call {
  readonly value: string;
  resolve(result: string): void;
  reject(why: Error): void;
}

/** An application whose calls end when the test says so. */
function calling(options: AsyncOptions = {}) {
  const calls: Call[] = [];
  const builder = new StreamsBuilder();
  builder
    .stream(input)
    .mapValuesAsync(
      (value) =>
        new Promise<string>((resolve, reject) => {
          calls.push({ value: value!, resolve, reject });
        }),
      { concurrency: 10, ...options },
    )
    .to(output);
  const end = (value: string) =>
    calls.findLast((call) => call.value === value)!.resolve(`${value}!`);
  return { builder, calls, end };
}

/** Promises that have ended are heard. */
async function heard(driver: TestDriver): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  driver.advance(0);
}

describe('an asynchronous operator', () => {
  it('writes results in the order of the records of a partition', async () => {
    const { builder, end } = calling({ order: 'partition' });
    using driver = new TestDriver(builder);
    const sent = ['a', 'b', 'c'].map((value, i) => ({ key: 'k', value, timestamp: i }));
    driver.input(input).sendAll(sent);
    end('c');
    end('a');
    await heard(driver);
    expect(driver.output(output).readValues()).toEqual(['a!']);
    end('b');
    await driver.settled();
    const [b, c] = driver.output(output).readAll();
    expect(b).toMatchObject({ key: 'k', value: 'b!', timestamp: 1 });
    expect(c).toMatchObject({ key: 'k', value: 'c!', timestamp: 2 });
  });

  it('calls again after a crash what was not through', async () => {
    const { builder, calls, end } = calling();
    using driver = new TestDriver(builder);
    driver.input(input).sendAll([
      { key: 'k1', value: 'a' },
      { key: 'k2', value: 'b' },
    ]);
    end('b');
    await heard(driver);
    driver.crash();
    expect(calls.map(({ value }) => value)).toEqual(['a', 'b', 'a', 'b']);
    end('a');
    end('b');
    await driver.settled();
    driver.crash();
    expect(calls).toHaveLength(4);
    expect(driver.output(output).readValues()).toEqual(['b!', 'a!', 'b!']);
  });

  it('keeps a transaction open until its calls are through', async () => {
    const { builder, end } = calling();
    using driver = new TestDriver(builder, { processingGuarantee: 'exactly_once_v2' });
    driver.input(input).sendAll([
      { key: 'k1', value: 'a' },
      { key: 'k2', value: 'b' },
    ]);
    end('b');
    await heard(driver);
    expect(driver.output(output).isEmpty).toBe(true);
    driver.crash();
    end('a');
    end('b');
    await driver.settled();
    expect(driver.output(output).readValues().toSorted()).toEqual(['a!', 'b!']);
  });

  it('tries again by the clock, and then asks the handler', async () => {
    const { builder, calls } = calling({ retries: 1, retryBackoff: '1s' });
    using driver = new TestDriver(builder, { handlers: resumingHandlers() });
    driver.input(input).send({ key: 'k', value: 'a' });
    calls[0]!.reject(new Error('first'));
    await heard(driver);
    expect(calls).toHaveLength(1);
    driver.advance(1_000);
    expect(calls).toHaveLength(2);
    calls[1]!.reject(new Error('second'));
    await driver.settled();
    expect(driver.dropped).toEqual([{ node: 'KSTREAM-MAPVALUES-0000000001', reason: 'error' }]);
  });

  it('gives up a promise that never settles', () => {
    const { builder } = calling({ timeout: '2s' });
    const driver = new TestDriver(builder);
    driver.input(input).send({ key: 'k', value: 'a' });
    driver.advance(1_999);
    expect(() => driver.advance(1)).toThrow('took over 2000 ms');
  });

  it('has stores behind it, and another asynchronous operator', async () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .filterAsync(async (value) => value !== 'x')
      .mapValuesAsync(async (value) => `${value}!`)
      .groupByKey({ key: text, value: text })
      .count({ as: 'counts' })
      .toStream()
      .to(counts);
    using driver = new TestDriver(builder, { partitions: 2 });
    const values = ['a', 'x', 'b', 'c'];
    driver.input(input).sendAll(values.map((value) => ({ key: 'k', value, timestamp: 5 })));
    await driver.settled();
    expect(driver.output(counts).readValues()).toEqual([1, 2, 3]);
  });
});

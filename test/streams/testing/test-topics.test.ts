import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import { Topology } from '#millrace/streams/topology/topology';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });
const other = topic('other', { key: text, value: text });
const otherOutput = topic('other-output', { key: text, value: text });

function opened(options: ConstructorParameters<typeof TestDriver>[1] = {}): TestDriver {
  const topology = new Topology()
    .addSource('source', input)
    .addSink('sink', output, { parents: ['source'] })
    .addSource('other-source', other)
    .addSink('other-sink', otherOutput, { parents: ['other-source'] });
  return new TestDriver(topology, options);
}

/** Kafka's TestTopicsTest, by its names where the case is the same. */
describe('test topics', () => {
  it('testValue: a record without a key', () => {
    using driver = opened();
    driver.input(input).send({ value: 'Hello' });
    expect(driver.output(output).read()).toMatchObject({ key: null, value: 'Hello' });
    expect(driver.output(output).isEmpty).toBe(true);
  });

  it('testKeyValue, testKeyValueTimestamp', () => {
    using driver = opened();
    driver.input(input).send({ key: 'k', value: 'Hello', timestamp: 12_345 });
    const record = { key: 'k', value: 'Hello', timestamp: 12_345 };
    expect(driver.output(output).read()).toMatchObject(record);
  });

  it('testKeyValuesToMap: the last value of each key', () => {
    using driver = opened();
    const records = ['a', 'b', 'a'].map((key, i) => ({ key, value: `${i}` }));
    driver.input(input).sendAll(records);
    const map = new Map(Object.entries({ a: '2', b: '1' }));
    expect(driver.output(output).readMap()).toEqual(map);
  });

  it('testKeyValuesToMapWithNull: a null key is an error', () => {
    using driver = opened();
    driver.input(input).send({ value: 'value' });
    expect(() => driver.output(output).readMap()).toThrow('a record without a key');
  });

  it('testStartTimestamp, testTimestampAutoAdvance', () => {
    using driver = opened();
    const source = driver.input(input, { startMs: 1_000, advanceMs: 15 });
    source.sendAll([{ value: 'a' }, { value: 'b' }]);
    source.advance(100);
    source.send({ value: 'c' });
    const times = driver
      .output(output)
      .readAll()
      .map(({ timestamp }) => timestamp);
    expect(times).toEqual([1_000, 1_015, 1_130]);
  });

  it('testNegativeDuration', () => {
    using driver = opened();
    expect(() => driver.input(input, { advanceMs: -1 })).toThrow('must not be negative');
    expect(() => driver.input(input).advance(-1)).toThrow('cannot go back');
  });

  it('testDefaultTimestamp: the time of the driver', () => {
    using driver = opened({ startMs: 77 });
    driver.input(input).send({ value: 'v' });
    expect(driver.output(output).read().timestamp).toBe(77);
  });

  it('testWithHeaders', () => {
    using driver = opened();
    driver.input(input).send({
      value: 'v',
      headers: [
        ['a', 'x'],
        ['a', null],
      ],
    });
    const { headers } = driver.output(output).read();
    expect([...headers].map(([name, value]) => [name, value?.length])).toEqual([
      ['a', 1],
      ['a', undefined],
    ]);
  });

  it('testMultipleTopics', () => {
    using driver = opened();
    driver.input(input).send({ key: '1', value: 'Hello' });
    driver.input(other).send({ key: '2', value: 'World' });
    expect(driver.output(output).readPairs()).toEqual([['1', 'Hello']]);
    expect(driver.output(otherOutput).readPairs()).toEqual([['2', 'World']]);
  });

  it('testEmptyTopic, testNonExistingOutputTopic', () => {
    using driver = opened();
    expect(() => driver.output(output).read()).toThrow('topic output has no record');
    expect(() => driver.output(topic('nowhere')).read()).toThrow('topic nowhere has no record');
    expect(driver.output(topic('nowhere')).size).toBe(0);
  });

  it('refuses records after close', () => {
    const driver = opened();
    driver.close();
    expect(() => driver.input(input).send({ value: 'v' })).toThrow('is closed');
  });
});

import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { tumbling } from '#millrace/streams/dsl/windows';
import { int64 } from '#millrace/streams/serde/numbers';
import { timeWindowed } from '#millrace/streams/serde/windowed';
import { TestDriver } from '#millrace/streams/testing/test-driver';

const input = topic('input', { key: text, value: text });
const other = topic('other', { key: text, value: text });
const counts = topic('counts', { key: timeWindowed(text, 10), value: int64 });
const joined = topic('joined', { key: text, value: text });

/** Counts in windows of 10 ms, of which each result goes on once. */
function closing(how: 'emit' | 'suppress'): StreamsBuilder {
  const builder = new StreamsBuilder();
  const windows = builder.stream(input).groupByKey().windowedBy(tumbling(10));
  const table =
    how === 'emit'
      ? windows.emitStrategy('on-close').count({ as: 'store' })
      : windows.count({ as: 'store' }).suppress(untilWindowCloses());
  table.toStream().to(counts);
  return builder;
}

describe('stream time of an application whose inputs are at their end', () => {
  it.each(['emit', 'suppress'] as const)(
    'closes windows only where that is asked for: %s',
    (how) => {
      for (const idle of [undefined, 100]) {
        const options = idle === undefined ? {} : { idleAdvanceMs: idle };
        using driver = new TestDriver(closing(how), { startMs: 1_000, ...options });
        driver.input(input).send({ key: 'a', value: 'x', timestamp: 1_003 });
        driver.advance(99);
        expect(driver.records('counts')).toHaveLength(0);
        driver.advance(1);
        expect(driver.records('counts')).toHaveLength(0);
        driver.advance(10);
        expect(driver.records('counts')).toHaveLength(idle === undefined ? 0 : 1);
        driver.advance(1_000);
        expect(driver.records('counts')).toHaveLength(idle === undefined ? 0 : 1);
      }
    },
  );

  it('gives the unmatched records of a join', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .leftJoin(builder.stream(other), (value, found) => `${value}+${found}`, { within: 10 })
      .to(joined);
    using driver = new TestDriver(builder, { startMs: 1_000, idleAdvanceMs: 50 });
    driver.input(input).send({ key: 'a', value: 'x', timestamp: 1_000 });
    driver.advance(50);
    expect(driver.output(joined).readValues()).toEqual([]);
    driver.advance(11);
    expect(driver.output(joined).readValues()).toEqual(['x+null']);
  });

  it('makes what comes afterwards late', () => {
    const builder = closing('emit');
    using driver = new TestDriver(builder, { startMs: 1_000, idleAdvanceMs: 100 });
    const writer = driver.input(input);
    writer.send({ key: 'a', value: 'x', timestamp: 1_003 });
    driver.advance(200);
    writer.send({ key: 'a', value: 'y', timestamp: 1_005 });
    expect(driver.dropped).toEqual([
      { node: 'KSTREAM-AGGREGATE-0000000001', reason: 'late-window' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { unlimited } from '#millrace/streams/dsl/windows';
import { int64 } from '#millrace/streams/serde/numbers';
import { timeWindowed } from '#millrace/streams/serde/windowed';
import { TestDriver } from '#millrace/streams/testing/test-driver';

const START_MS = 1_000;
const input = topic('input', { key: text, value: text });
const counts = topic('counts', { key: timeWindowed(text, 10), value: int64 });

/** The starts of the windows that records of these times are counted in. */
function startsOf(...timestamps: number[]): (number | undefined)[] {
  const builder = new StreamsBuilder();
  const windows = unlimited({ startMs: START_MS });
  builder.stream(input).groupByKey().windowedBy(windows).count().toStream().to(counts);
  using driver = new TestDriver(builder);
  const writer = driver.input(input);
  for (const timestamp of timestamps) writer.send({ key: 'a', value: 'x', timestamp });
  expect(driver.dropped).toEqual([]);
  const found = driver.output(counts).readAll();
  return found.map(({ key }) => key?.window.start);
}

describe('UnlimitedWindowsTest', () => {
  it('shouldSetWindowStartTime', () => {
    expect(unlimited({ startMs: START_MS }).onlyStartMs).toBe(START_MS);
  });

  it('startTimeMustNotBeNegative', () => {
    expect(() => unlimited({ startMs: -1 })).toThrow(/cannot be negative/);
  });

  it('shouldIncludeRecordsThatHappenedOnWindowStart', () => {
    expect(startsOf(START_MS)).toEqual([START_MS]);
  });

  it('shouldIncludeRecordsThatHappenedAfterWindowStart', () => {
    expect(startsOf(START_MS + 1, 5_000_000_000_000, 1_500)).toEqual([1_000, 1_000, 1_000]);
  });

  it('shouldExcludeRecordsThatHappenedBeforeWindowStart', () => {
    expect(startsOf(START_MS - 1)).toEqual([]);
  });
});

describe('KStreamWindowAggregateTest', () => {
  it('showThrowIfEmitFinalUsedWithUnlimitedWindow', () => {
    const windowed = new StreamsBuilder().stream(input).groupByKey().windowedBy(unlimited());
    expect(() => windowed.emitStrategy('on-close').count()).toThrow(/never close/);
  });
});

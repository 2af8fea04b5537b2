/** Results that go on once, however far the time of the records leaps. */
import { expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import type { KGroupedStream } from '#millrace/streams/dsl/kgrouped-stream';
import type { KTable } from '#millrace/streams/dsl/ktable';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { hopping, session, sliding, tumbling } from '#millrace/streams/dsl/windows';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import { type WindowedKey, windowedKeyText } from '#millrace/streams/topology/windowed-key';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });
const LEAPS = [11, 12, 25, 61, 65, 130, 5000];

type Counted = (group: KGroupedStream<string, string>) => KTable<WindowedKey<string>, number>;

/** What goes on of one record each `leap` ms, in its order. */
function emitted(leap: number, counted: Counted): string[] {
  const builder = new StreamsBuilder();
  counted(builder.stream(input).groupByKey())
    .toStream((_count, key) => windowedKeyText(key))
    .mapValues(String)
    .to(output);
  using driver = new TestDriver(builder.build());
  for (const timestamp of times(leap)) {
    driver.input(input).send({ key: 'a', value: 'v', timestamp });
  }
  return driver
    .output(output)
    .readAll()
    .map(({ key, value }) => `${key}=${value}`);
}

function times(leap: number): number[] {
  return Array.from({ length: 6 }, (_, i) => 1000 + i * leap);
}

it.each([
  ['tumbling', tumbling(60)],
  ['hopping', hopping(60, { advance: 20 })],
  ['tumbling with grace', tumbling(60, { grace: 5 })],
])('all %s windows that close go on', (_name, windows) => {
  for (const leap of LEAPS) {
    const sent = times(leap);
    const expected: string[] = [];
    const closed = sent.at(-1)! - windows.graceMs - windows.sizeMs;
    for (let start = 0; start <= closed; start += windows.advanceMs) {
      const end = start + windows.sizeMs;
      const count = sent.filter((time) => time >= start && time < end).length;
      if (count > 0) expected.push(`[a@${start}/${end}]=${count}`);
    }
    const found = emitted(leap, (group) => {
      return group.windowedBy(windows).emitStrategy('on-close').count();
    });
    expect(found, `${leap}`).toEqual(expected);
  }
});

it('all sessions that close go on', () => {
  for (const leap of LEAPS) {
    const expected = times(leap)
      .filter((time) => time < times(leap).at(-1)! - 10)
      .map((time) => `[a@${time}/${time}]=1`);
    const found = emitted(leap, (group) => {
      return group.windowedBy(session(10)).emitStrategy('on-close').count();
    });
    expect(found, `${leap}`).toEqual(expected);
  }
});

it.each([
  ['tumbling', (group) => group.windowedBy(tumbling(60)).emitStrategy('on-close').count()],
  [
    'hopping',
    (group) =>
      group
        .windowedBy(hopping(60, { advance: 20 }))
        .emitStrategy('on-close')
        .count(),
  ],
  ['sliding', (group) => group.windowedBy(sliding(10)).emitStrategy('on-close').count()],
  ['sessions', (group) => group.windowedBy(session(10)).emitStrategy('on-close').count()],
] satisfies [string, Counted][])(
  'all %s windows go on again where a crash comes before their commit',
  (_name, counted) => {
    const builder = new StreamsBuilder();
    counted(builder.stream(input).groupByKey())
      .toStream((_count, key) => windowedKeyText(key))
      .mapValues(String)
      .to(output);
    using driver = new TestDriver(builder.build(), { commits: 'by-hand' });
    const sender = driver.input(input);
    for (const timestamp of times(1)) sender.send({ key: 'a', value: 'v', timestamp });
    driver.commit();
    const reader = driver.output(output);
    reader.readPairs();
    sender.send({ key: 'a', value: 'v', timestamp: 1_000_000 });
    const first = reader.readPairs();
    expect(first.length).toBeGreaterThan(0);
    driver.crash();
    // The changelog has the record that closed them already.
    expect(reader.readPairs()).toEqual(first);
  },
);

it('all sliding windows that close go on', () => {
  for (const leap of LEAPS) {
    const expected = times(leap)
      .slice(0, -1)
      .map((time) => `[a@${time - 10}/${time}]=1`);
    const found = emitted(leap, (group) => {
      return group.windowedBy(sliding(10)).emitStrategy('on-close').count();
    });
    expect(found, `${leap}`).toEqual(expected);
  }
});

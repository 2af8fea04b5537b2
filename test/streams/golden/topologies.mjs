/** The topologies whose descriptions `Descriptions.java` prints, built here with the same calls. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { hopping, tumbling } from '#millrace/streams/dsl/windows';
import { int64 } from '#millrace/streams/serde/numbers';
import { windowedKeyText } from '#millrace/streams/topology/windowed-key';
import { relationalTopology } from './relational-topology.mjs';
import { smokeTopology } from './smoke-topology.mjs';

const texts = (name) => topic(name, { key: text, value: text });
const BOTH = { key: text, value: text };

function pipe() {
  const builder = new StreamsBuilder();
  builder.stream(texts('streams-plaintext-input')).to(texts('streams-pipe-output'));
  return builder.build();
}

function lineSplit() {
  const builder = new StreamsBuilder();
  builder
    .stream(texts('streams-plaintext-input'))
    .flatMapValues((line) => line.split(/\W+/))
    .to(texts('streams-linesplit-output'));
  return builder.build();
}

function wordCount() {
  const builder = new StreamsBuilder();
  builder
    .stream(texts('streams-plaintext-input'))
    .flatMapValues((line) => line.toLowerCase().split(/\W+/))
    .groupBy((word) => word, BOTH)
    .count({ as: 'counts-store' })
    .toStream()
    .to(topic('streams-wordcount-output', { key: text, value: int64 }));
  return builder.build();
}

function temperature() {
  const builder = new StreamsBuilder();
  builder
    .stream(texts('iot-temperature'))
    .selectKey(() => 'temp')
    .groupByKey(BOTH)
    .windowedBy(tumbling('5s'))
    .reduce((one, other) => (Number(one) > Number(other) ? one : other))
    .toStream()
    .filter((value) => Number(value) > 20)
    .map((value, key) => [windowedKeyText(key), value])
    .to(texts('iot-temperature-max'));
  return builder.build();
}

function pageViewRegion() {
  const builder = new StreamsBuilder();
  const views = builder.stream(texts('streams-pageview-input'));
  const users = builder.table(texts('streams-userprofile-input'));
  views
    .leftJoin(users, (view, user) => view + user)
    .map((view) => [view, view])
    .groupByKey(BOTH)
    .windowedBy(hopping('7d', { advance: '1s', grace: '1m' }))
    .count()
    .toStream()
    .map((count, key) => [windowedKeyText(key), String(count)])
    .to(texts('streams-pageviewstats-typed-output'));
  return builder.build();
}

function streamJoin() {
  const builder = new StreamsBuilder();
  const left = builder.stream(texts('left')).selectKey((value) => value);
  const right = builder.stream(texts('right'));
  const within = { within: '5m', grace: '1m', ...BOTH, otherValue: text };
  const both = (one, other) => one + other;
  left.outerJoin(right, both, within).to(texts('joined'));
  left.join(right, both, { ...within, as: 'pairs', name: 'pairing' }).to(texts('pairs'));
  return builder.build();
}

function unnamedAggregation() {
  const builder = new StreamsBuilder();
  builder
    .stream(texts('input'))
    .filter((value) => value !== '')
    .groupByKey()
    .count()
    .toStream()
    .to(topic('output', { key: text, value: int64 }));
  builder
    .table(texts('rows'))
    .groupBy((value) => [value, value], BOTH)
    .count()
    .toStream()
    .to(topic('row-counts', { key: text, value: int64 }));
  return builder.build();
}

export const TOPOLOGIES = {
  smoke: smokeTopology,
  'relational-smoke': relationalTopology,
  pipe,
  'line-split': lineSplit,
  'word-count': wordCount,
  temperature,
  'page-view-region': pageViewRegion,
  'stream-join': streamJoin,
  'unnamed-aggregation': unnamedAggregation,
};

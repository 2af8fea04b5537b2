/** Builds the topology of a case, step by step. `JudgedTopology.java` does the same in Java. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilTimeLimit, untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { hopping, session, sliding, tumbling } from '#millrace/streams/dsl/windows';
import { int64 } from '#millrace/streams/serde/numbers';
import { sessionWindowed, timeWindowed } from '#millrace/streams/serde/windowed';
import {
  add,
  bounded,
  FLAT_MAPPERS,
  join,
  KEY_MAPPERS,
  mergeSessions,
  PREDICATES,
  subtract,
  VALUE_MAPPERS,
} from './functions.mjs';

const reduceTwo = (one, other) => join(one, other);
const addTo = (sum, value, key) => add(key, value, sum);
const subtractFrom = (sum, value, key) => subtract(key, value, sum);
const mergeTwo = (one, other, key) => mergeSessions(key, one, other);

function serde(kind) {
  if (kind.startsWith('window:')) return timeWindowed(text, Number(kind.slice('window:'.length)));
  if (kind === 'session') return sessionWindowed(text);
  return kind === 'long' ? int64 : text;
}

const nameOf = ({ as }) => (as === undefined ? {} : { name: as });
const groupName = ({ as }) => (as === undefined ? {} : { as });
const historyOf = ({ historyMs }) => (historyMs === undefined ? {} : { history: historyMs });
const storeName = ({ store }) => (store === undefined ? {} : { as: store });

/** As Java's Materialized: with its serdes always, with its name where there is one. */
function stored(step, key, value) {
  const retention = step.retentionMs === undefined ? {} : { retention: step.retentionMs };
  return { ...storeName(step), ...retention, key: serde(key), value: serde(value) };
}

/** Of operators whose result is kept only where a store is named. */
function perhapsStored(step, key, value) {
  return step.store === undefined ? [] : [stored(step, key, value)];
}

export function buildCase({ steps, config = {} }) {
  const builder = new StreamsBuilder({ defaults: { key: text, value: text } });
  const built = new Map();
  for (const step of steps) {
    const of = built.get(step.of);
    const other = built.get(step.with);
    const run = of === undefined ? SOURCES[step.op] : OPERATORS[of.kind][step.op];
    if (run === undefined) throw new Error(`no operator ${step.op} on ${of?.kind}`);
    const result = run(of === undefined ? { builder, step } : { of, step, other, what: of.what });
    if (result === null) continue;
    if (Array.isArray(result)) {
      built.set(`${step.id}a`, result[0]);
      built.set(`${step.id}b`, result[1]);
    } else built.set(step.id, result);
  }
  const optimization = config['topology.optimization'];
  return builder.build(optimization === undefined ? {} : { optimization });
}

function texts(name) {
  return topic(name, { key: text, value: text });
}

function textual(kind, what) {
  return { kind, what, key: 'text', value: 'text' };
}

const SOURCES = {
  stream: ({ builder, step }) =>
    textual('stream', builder.stream(step.topic.split(',').map(texts), nameOf(step))),
  table: ({ builder, step }) =>
    textual(
      'table',
      builder.table(texts(step.topic), { ...nameOf(step), ...storeName(step), ...historyOf(step) }),
    ),
  globalTable: ({ builder, step }) =>
    textual(
      'global',
      builder.globalTable(texts(step.topic), { ...nameOf(step), ...storeName(step) }),
    ),
};

const predicate = (by) => (value, key) => PREDICATES[by](key, value);
const valueMapper = (by) => (value, key) => VALUE_MAPPERS[by](key, value);
const keyMapper = (by) => (value, key) => KEY_MAPPERS[by](key, value);

const ON_STREAM = {
  filter: ({ of, what, step }) => ({ ...of, what: what.filter(predicate(step.by), nameOf(step)) }),
  filterNot: ({ of, what, step }) => ({ ...of, what: what.filterNot(predicate(step.by)) }),
  mapValues: ({ of, what, step }) => {
    return { ...of, value: 'text', what: what.mapValues(valueMapper(step.by), nameOf(step)) };
  },
  map: ({ what, step }) => {
    const map = (value, key) => [
      KEY_MAPPERS[step.by](key, value),
      VALUE_MAPPERS.append(key, value),
    ];
    return textual('stream', what.map(map));
  },
  flatMapValues: ({ of, what, step }) => {
    const map = (value, key) => FLAT_MAPPERS[step.by](key, value);
    return { ...of, value: 'text', what: what.flatMapValues(map) };
  },
  flatMap: ({ what, step }) => {
    const map = (value, key) =>
      FLAT_MAPPERS[step.by](key, value).map((each) => [KEY_MAPPERS.firstOfValue(key, each), each]);
    return textual('stream', what.flatMap(map));
  },
  selectKey: ({ of, what, step }) => {
    return { ...of, key: 'text', what: what.selectKey(keyMapper(step.by), nameOf(step)) };
  },
  peek: ({ of, what }) => ({ ...of, what: what.peek(() => undefined) }),
  merge: ({ of, what, other }) => ({ ...of, what: what.merge(other.what) }),
  split: ({ of, what, step }) => {
    const branches = [];
    const into = (branch) => {
      branches.push({ ...of, what: branch });
      return undefined;
    };
    what.split().branch(predicate(step.by), { into }).defaultBranch({ into });
    return branches;
  },
  repartition: ({ of, what, step }) => {
    const serdes = { key: serde(of.key), value: serde(of.value) };
    return { ...of, what: what.repartition({ ...serdes, ...groupName(step) }) };
  },
  toTable: ({ of, what, step }) => {
    return { ...of, kind: 'table', what: what.toTable(stored(step, of.key, of.value)) };
  },
  groupByKey: ({ of, what, step }) => {
    const serdes = { key: serde(of.key), value: serde(of.value) };
    return { ...of, kind: 'group', what: what.groupByKey({ ...serdes, ...groupName(step) }) };
  },
  groupBy: ({ of, what, step }) => {
    const options = { key: text, value: serde(of.value), ...groupName(step) };
    const grouped = what.groupBy(keyMapper(step.by), options);
    return { kind: 'group', what: grouped, key: 'text', value: of.value };
  },
  to: ({ of, what, step }) => {
    what.to(topic(step.topic, { key: serde(of.key), value: serde(of.value) }));
    return null;
  },
  join: (parts) => joinStream('join', parts),
  leftJoin: (parts) => joinStream('leftJoin', parts),
  outerJoin: (parts) => joinStream('outerJoin', parts),
};

function joinStream(op, { of, what, step, other }) {
  const result = { ...of, value: 'text' };
  if (other.kind === 'global') {
    return { ...result, what: what[op](other.what, keyMapper(step.by), reduceTwo) };
  }
  const serdes = { key: serde(of.key), value: serde(of.value) };
  if (other.kind === 'table') {
    const grace = step.graceMs === undefined ? {} : { grace: step.graceMs };
    const options = { ...serdes, ...grace, ...nameOf(step) };
    return { ...result, what: what[op](other.what, reduceTwo, options) };
  }
  const { beforeMs, afterMs, graceMs: grace } = step;
  const windows = { within: beforeMs, before: beforeMs, after: afterMs, grace };
  const options = { ...windows, ...serdes, otherValue: serde(other.value) };
  const names = { ...nameOf(step), ...storeName(step) };
  return { ...result, what: what[op](other.what, reduceTwo, { ...options, ...names }) };
}

const ON_TABLE = {
  filter: ({ of, what, step }) => {
    return {
      ...of,
      what: what.filter(predicate(step.by), ...perhapsStored(step, of.key, of.value)),
    };
  },
  filterNot: ({ of, what, step }) => {
    const kept = what.filterNot(predicate(step.by), ...perhapsStored(step, of.key, of.value));
    return { ...of, what: kept };
  },
  mapValues: ({ of, what, step }) => {
    const mapped = what.mapValues(valueMapper(step.by), ...perhapsStored(step, of.key, 'text'));
    return { ...of, value: 'text', what: mapped };
  },
  transformValues: ({ of, what, step }) => {
    const supplier = {
      get: () => ({ transform: (key, value) => VALUE_MAPPERS[step.by](key, value) }),
    };
    const [options = {}] = perhapsStored(step, of.key, 'text');
    return { ...of, value: 'text', what: what.transformValues(supplier, options) };
  },
  toStream: ({ of, what }) => ({ ...of, kind: 'stream', what: what.toStream() }),
  suppress: ({ of, what, step }) => {
    const { limitMs, maxRecords = 1_000, untilClose } = step;
    const suppressed =
      untilClose === undefined
        ? untilTimeLimit(limitMs, { maxRecords, ...nameOf(step) })
        : untilWindowCloses(nameOf(step));
    return { ...of, what: what.suppress(suppressed) };
  },
  groupBy: ({ of, what, step }) => {
    const select = (value, key) => [KEY_MAPPERS[step.by](key, value), value];
    const options = { key: text, value: serde(of.value), ...groupName(step) };
    const grouped = what.groupBy(select, options);
    return { kind: 'groupedTable', what: grouped, key: 'text', value: of.value };
  },
  join: (parts) => joinTables('join', parts),
  leftJoin: (parts) => joinTables('leftJoin', parts),
  outerJoin: (parts) => joinTables('outerJoin', parts),
  joinForeign: (parts) => joinForeign('join', parts),
  leftJoinForeign: (parts) => joinForeign('leftJoin', parts),
};

function joinTables(op, { of, what, step, other }) {
  const options = perhapsStored(step, of.key, 'text');
  return { ...of, value: 'text', what: what[op](other.what, reduceTwo, ...options) };
}

function joinForeign(op, { of, what, step, other }) {
  const foreignKey = (value) => KEY_MAPPERS[step.by](value, value);
  const options = stored(step, of.key, 'text');
  return { ...of, value: 'text', what: what[op](other.what, foreignKey, reduceTwo, options) };
}

function counted({ of, what, step }, key) {
  const { value: _value, ...options } = stored(step, key, 'long');
  return { kind: 'table', what: what.count(options), key: of.key, value: 'long' };
}

function aggregated(parts, key, ...functions) {
  const { of, what, step } = parts;
  const table = what.aggregate(() => '', ...functions, stored(step, key, 'text'));
  return { kind: 'table', what: table, key: of.key, value: 'text' };
}

function reduced({ of, what, step }, key, ...functions) {
  const table = what.reduce(...functions, stored(step, key, of.value));
  return { kind: 'table', what: table, key: of.key, value: of.value };
}

function windowed(kind, key, windows) {
  return ({ of, what, step }) => {
    const made = what.windowedBy(windows(step));
    const how = step.emit === undefined ? made : made.emitStrategy('on-close');
    return { kind, what: how, key: key(step), value: of.value };
  };
}

const sized = ({ sizeMs }) => `window:${sizeMs}`;

const ON_GROUP = {
  count: (parts) => counted(parts, parts.of.key),
  reduce: (parts) => reduced(parts, parts.of.key, reduceTwo),
  aggregate: (parts) => aggregated(parts, parts.of.key, addTo),
  cogroup: ({ of, what, step, other }) => {
    const joined = (sum, value, key) => bounded(`${add(key, value, sum)}.`);
    const streams = what.cogroup(addTo).cogroup(other.what, joined);
    const options = stored(step, of.key, 'text');
    const { sizeMs, graceMs: grace } = step;
    if (sizeMs === undefined) {
      const table = streams.aggregate(() => '', options);
      return { kind: 'table', what: table, key: of.key, value: 'text' };
    }
    if (step.isSession) {
      const table = streams
        .windowedBy(session(sizeMs, { grace }))
        .aggregate(() => '', mergeTwo, options);
      return { kind: 'table', what: table, key: 'session', value: 'text' };
    }
    const windows = step.isSliding ? sliding(sizeMs, { grace }) : tumbling(sizeMs, { grace });
    const table = streams.windowedBy(windows).aggregate(() => '', options);
    return { kind: 'table', what: table, key: sized(step), value: 'text' };
  },
  tumbling: windowed('windows', sized, (step) => tumbling(step.sizeMs, { grace: step.graceMs })),
  hopping: windowed('windows', sized, ({ sizeMs, advanceMs: advance, graceMs: grace }) => {
    return hopping(sizeMs, { advance, grace });
  }),
  sliding: windowed('windows', sized, (step) => sliding(step.sizeMs, { grace: step.graceMs })),
  session: windowed(
    'sessions',
    () => 'session',
    (step) => session(step.sizeMs, { grace: step.graceMs }),
  ),
};

const OPERATORS = {
  stream: ON_STREAM,
  table: ON_TABLE,
  group: ON_GROUP,
  groupedTable: {
    count: (parts) => counted(parts, parts.of.key),
    reduce: (parts) =>
      reduced(parts, parts.of.key, reduceTwo, (sum, value) => subtract(null, value, sum)),
    aggregate: (parts) => aggregated(parts, parts.of.key, addTo, subtractFrom),
  },
  windows: {
    count: (parts) => counted(parts, 'text'),
    reduce: (parts) => reduced(parts, 'text', reduceTwo),
    aggregate: (parts) => aggregated(parts, 'text', addTo),
  },
  sessions: {
    count: (parts) => counted(parts, 'text'),
    reduce: (parts) => reduced(parts, 'text', reduceTwo),
    aggregate: (parts) => aggregated(parts, 'text', addTo, mergeTwo),
  },
};

import { durationMs } from '../topology/duration.ts';
import { checkedName } from '../topology/node-name.ts';
import type { AnySerde, OuterJoinSpec, WindowSpec } from '../topology/store-spec.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { StreamJoinNode } from './graph/stream-join-node.ts';
import { suffixedName } from './operator-name.ts';
import type { StreamJoinOptions } from './operator-options.ts';
import { JoinWindowKeeper } from './processors/join-window.ts';
import { SelfJoin } from './processors/self-join.ts';
import { stateless } from './processors/stateless.ts';
import { type JoinWindow, StreamJoinSide } from './processors/stream-join.ts';
import type { AnyJoiner } from './processors/stream-table-join.ts';
import { repartitionForJoin } from './repartition.ts';
import { required, storeSettings } from './store-specs.ts';
import { copartition, type StreamParts } from './stream-parts.ts';

/** Whose records give a result without a pair: nobody's, this stream's, both streams'. */
export type JoinKind = 'inner' | 'left' | 'outer';
type Options = StreamJoinOptions<unknown, unknown, unknown>;

/** Pairs of records of two streams, near each other in time. */
export function joinStreams(
  one: StreamParts,
  two: StreamParts,
  joiner: AnyJoiner,
  options: Options,
  kind: JoinKind,
): StreamParts {
  const { graph } = one;
  const { name } = options;
  const left = moved(one, name, '-left', options.key, options.value);
  const right = moved(two, name, '-right', options.key, options.otherValue);
  const sources = copartition(left, right);
  const isLeftOuter = kind !== 'inner';
  const isRightOuter = kind === 'outer';
  const thisWindowed = suffixedName(graph, name, '-this-windowed', 'KSTREAM-WINDOWED-');
  const otherWindowed = suffixedName(graph, name, '-other-windowed', 'KSTREAM-WINDOWED-');
  const thisPrefix = isRightOuter ? 'KSTREAM-OUTERTHIS-' : 'KSTREAM-JOINTHIS-';
  const otherPrefix = isLeftOuter ? 'KSTREAM-OUTEROTHER-' : 'KSTREAM-JOINOTHER-';
  const thisGenerated = graph.newName(thisPrefix);
  const otherGenerated = graph.newName(otherPrefix);
  const thisSuffix = isRightOuter ? '-outer-this-join' : '-this-join';
  const otherSuffix = isLeftOuter ? '-outer-other-join' : '-other-join';
  const mergeName = suffixedName(graph, name, '-merge', 'KSTREAM-MERGE-');
  const window = windowOf(options);
  const key = required(options.key ?? left.key ?? right.key, 'keys', mergeName);
  const leftValue = required(options.value ?? left.value, 'values', mergeName);
  const rightValue = required(options.otherValue ?? right.value, 'values', mergeName);
  const base = options.as;
  const own = options.stores?.[0] ?? storeBase(base, thisSuffix, thisGenerated);
  const other = options.stores?.[1] ?? storeBase(base, otherSuffix, otherGenerated);
  const thisSpec: WindowSpec = { ...storeOf(own, window, options), key, value: leftValue };
  const otherSpec: WindowSpec = { ...storeOf(other, window, options), key, value: rightValue };

  const thisNode = new ProcessorNode(thisWindowed, new JoinWindowKeeper(thisSpec));
  graph.add(left.node, thisNode);
  const otherNode = new ProcessorNode(otherWindowed, new JoinWindowKeeper(otherSpec));
  graph.add(right.node, otherNode);

  const serdes = { key, left: leftValue, right: rightValue };
  const shared = unmatchedName(
    options.stores?.[0] ?? base,
    isRightOuter,
    thisGenerated.slice(thisPrefix.length),
  );
  const unmatched = isLeftOuter ? unmatchedOf(shared, window, serdes, options) : undefined;
  const common = { window, joiner, unmatched };
  const joinThis = { ...common, isLeft: true, isOuter: isLeftOuter, otherStore: otherSpec };
  const joinOther = { ...common, isLeft: false, isOuter: isRightOuter, otherStore: thisSpec };
  const node = new StreamJoinNode(mergeName, {
    thisWindowed,
    otherWindowed,
    thisName: sideName(name, thisSuffix, thisGenerated),
    otherName: sideName(name, otherSuffix, otherGenerated),
    joinThis: new StreamJoinSide(joinThis),
    joinOther: new StreamJoinSide(joinOther),
    merge: stateless.passThrough(),
    selfJoin: new SelfJoin(thisSpec, window, joiner),
  });
  node.keepsNullKeys = isLeftOuter;
  graph.add([left.node, right.node], node);
  return {
    graph,
    node,
    name: mergeName,
    key,
    value: graph.defaults.value,
    sources,
    isMoved: false,
  };
}

/** Unlike other names, that of a side is counted before it is known whether it is used. */
function sideName(given: string | undefined, suffix: string, generated: string): string {
  return given === undefined ? generated : checkedName(given + suffix);
}

function moved(
  parts: StreamParts,
  name: string | undefined,
  suffix: string,
  key: AnySerde | undefined,
  value: AnySerde | undefined,
): StreamParts {
  if (!parts.isMoved) return parts;
  const prefix = name === undefined ? parts.name : checkedName(name + suffix);
  return repartitionForJoin(parts, prefix, key, value);
}

function windowOf({ within, before = within, after = within, grace = 0 }: Options): JoinWindow {
  return {
    beforeMs: durationMs(before, 'The time before'),
    afterMs: durationMs(after, 'The time after'),
    graceMs: durationMs(grace, 'The grace period'),
  };
}

function storeBase(base: string | undefined, suffix: string, generated: string): string {
  return `${base === undefined ? generated : checkedName(base) + suffix}-store`;
}

type StoreOfJoin = Omit<WindowSpec, 'key' | 'value'>;

/** Rows of one start are all kept, so compaction would lose some: the changelog only deletes. */
function storeOf(name: string, window: JoinWindow, options: Options): StoreOfJoin {
  const settings = storeSettings(checkedName(name), { ...options, caching: false });
  const windowMs = window.beforeMs + window.afterMs;
  return {
    ...settings,
    kind: 'window',
    timestamped: false,
    logConfig: { ...settings.logConfig, 'cleanup.policy': 'delete' },
    windowMs,
    retentionMs: windowMs + window.graceMs,
    retainDuplicates: true,
    logsHeaders: true,
    timeOrdered: false,
  };
}

function unmatchedName(base: string | undefined, isOuter: boolean, digits: string): string {
  if (base === undefined) return `KSTREAM-OUTERSHARED-${digits}-store`;
  return `${base}${isOuter ? '-outer-shared-join' : '-left-shared-join'}-store`;
}

function unmatchedOf(
  name: string,
  { beforeMs, afterMs }: JoinWindow,
  serdes: Pick<OuterJoinSpec, 'key' | 'left' | 'right'>,
  options: Options,
): OuterJoinSpec {
  const settings = storeSettings(name, { ...options, caching: false });
  return { kind: 'outer-join', ...settings, ...serdes, windowMs: beforeMs + afterMs };
}

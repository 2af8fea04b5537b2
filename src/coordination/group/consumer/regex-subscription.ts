import { ERROR } from '../../../base/kafka-errors.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { GroupError } from '../group-error.ts';
import { TopicRegex } from '../regex/topic-regex.ts';
import { applyRecords } from '../replay.ts';
import type { ConsumerGroup, ResolvedRegex } from './consumer-group.ts';
import { regexRecord, regexTombstone } from './consumer-records.ts';

/** The expressions of a group are resolved again at most this often, as in Kafka. */
const REFRESH_MIN_INTERVAL_MS = 10_000;

export function checkRegex(source: string): void {
  try {
    new TopicRegex(source);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new GroupError(
      ERROR.INVALID_REGULAR_EXPRESSION,
      `SubscribedTopicRegex \`${source}\` is not a valid regular expression: ${thrown.message}.`,
    );
  }
}

/**
 * Resolves the group's expressions after a member has changed from one expression to another (''
 * for none). True where the topics that the group reads may have changed.
 */
export function updateRegexes(
  state: CoordinatorState,
  group: ConsumerGroup,
  oldRegex: string,
  newRegex: string,
): boolean {
  let hasChanged = oldRegex !== newRegex;
  if (hasChanged) forgetUnused(state, group, [oldRegex]);
  if (group.subscribedRegexes.size === 0) return hasChanged;
  const isStale = isRefreshDue(state, group);
  if (isStale) {
    group.regexesCheckedMs = state.nowMs;
    group.regexesVersion = state.topics.version();
  }
  for (const regex of group.subscribedRegexes.keys()) {
    const isNew = !group.regexes.has(regex);
    if (isNew || isStale) hasChanged = resolve(state, group, regex) || hasChanged;
  }
  return hasChanged;
}

/** Removes the resolved topics of expressions that no member uses any more. */
export function forgetUnused(
  state: CoordinatorState,
  group: ConsumerGroup,
  regexes: Iterable<string>,
): void {
  for (const regex of new Set(regexes)) {
    if (group.subscribedRegexes.has(regex) || !group.regexes.has(regex)) continue;
    applyRecords(state, [regexTombstone(group.groupId, regex)]);
  }
}

function isRefreshDue(state: CoordinatorState, group: ConsumerGroup): boolean {
  const sinceMs = state.nowMs - group.regexesCheckedMs;
  if (sinceMs <= REFRESH_MIN_INTERVAL_MS) return false;
  return (
    group.regexesVersion !== state.topics.version() ||
    sinceMs > state.settings.consumerRegexRefreshIntervalMs
  );
}

/** True where the topics differ from those of the last time. */
function resolve(state: CoordinatorState, group: ConsumerGroup, source: string): boolean {
  const old = group.regexes.get(source);
  const topics = matchingTopics(state, source);
  const isSame = old !== undefined && isSameSet(old.topics, topics);
  if (isSame) return false;
  const resolved: ResolvedRegex = {
    topics,
    version: state.topics.version(),
    timestampMs: state.wallMs,
  };
  applyRecords(state, [regexRecord(group.groupId, source, resolved)]);
  return true;
}

/** An expression that an older broker accepted and this one cannot parse matches no topic. */
function matchingTopics(state: CoordinatorState, source: string): Set<string> {
  const topics = new Set<string>();
  let regex: TopicRegex;
  try {
    regex = new TopicRegex(source);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return topics;
    throw thrown;
  }
  for (const name of state.topics.names()) if (regex.matches(name)) topics.add(name);
  return topics;
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (one.size !== other.size) return false;
  for (const name of one) if (!other.has(name)) return false;
  return true;
}

import { readOptions } from '../../client/config/option-names.ts';
import {
  CONSUMER_DEFAULTS,
  checkConsumerSettings,
} from '../../client/consumer/consumer-options.ts';
import { assignorsOf } from '../assignors.ts';
import { clientConfig } from '../client-config.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { unescapedBytes } from '../escapes.ts';
import { asUsage, UsageError } from '../usage-error.ts';
import { consoleFormat } from './console-format.ts';
import {
  fixedText,
  inOrder,
  jsonFormat,
  kcatEnvelope,
  kcatFormat,
  keyFormat,
  type RecordFormat,
  valueFormat,
} from './record-format.ts';
import { type ReadRange, readRange, type StartPoint } from './start-point.ts';

export interface ConsumePlan {
  /** Topics, or with a group also patterns that begin with ^. */
  readonly topics: readonly string[];
  readonly partitions: readonly number[];
  /** Whether a group shares the partitions out; else all that are named are read. */
  readonly isMember: boolean;
  /** Whether the group is told of what was printed. */
  readonly commits: boolean;
  readonly start: StartPoint;
  readonly stopTimeMs: number | null;
  readonly maxMessages: number;
  readonly untilEnd: boolean;
  readonly isUnbuffered: boolean;
  readonly isQuiet: boolean;
  /** Of partitions by name; filled once they are known. */
  readonly leaders: Map<string, number>;
  readonly format: RecordFormat;
  readonly options: Record<string, unknown>;
}

export function consumePlan(given: CommandArguments): ConsumePlan {
  const topics = [...given.names('topic'), ...given.texts('include').map((each) => `^${each}$`)];
  if (topics.length === 0) throw new UsageError('consume: which topic?');
  const partitions = partitionsOf(given);
  const options = clientConfig(given, CONSUMER_DEFAULTS);
  const group = given.text('group') ?? options.groupId;
  if (group !== undefined) options.groupId = group;
  if (given.has('isolation-level')) options.isolationLevel = given.text('isolation-level');
  const { partitionAssignmentStrategy: names } = options;
  if (typeof names === 'string') options.partitionAssignmentStrategy = assignorsOf(names);
  const isMember = group !== undefined && partitions.length === 0;
  const { start, stopTimeMs } = rangeOf(given, isMember);
  const chosen = start ?? { at: group === undefined ? 'latest' : 'stored' };
  if (chosen.at === 'stored' && group === undefined) {
    throw new UsageError('--from stored: it needs a group; name one with -G');
  }
  if (chosen.at === 'earliest' || chosen.at === 'latest') options.autoOffsetReset = chosen.at;
  if (given.has('from-beginning')) options.autoOffsetReset = 'earliest';
  const settings = asUsage(() => readOptions(options, CONSUMER_DEFAULTS));
  asUsage(() => checkConsumerSettings(settings));
  const leaders = new Map<string, number>();
  return {
    topics,
    partitions,
    isMember,
    commits: group !== undefined && settings.enableAutoCommit,
    start: chosen,
    stopTimeMs,
    maxMessages: given.integer('max-messages', 1) ?? Number.POSITIVE_INFINITY,
    untilEnd: given.has('until-end'),
    isUnbuffered: given.has('unbuffered'),
    isQuiet: given.has('quiet'),
    leaders,
    format: formatOf(given, leaders),
    options,
  };
}

function partitionsOf(given: CommandArguments): number[] {
  const partitions = given.texts('partition').map((text) => {
    if (!/^\d+$/.test(text)) throw new UsageError(`--partition ${text}: expected an integer`);
    return Number(text);
  });
  if (partitions.length > 0 && given.names('topic').length > 1) {
    throw new UsageError('--partition: it is for one topic; several are named');
  }
  return partitions;
}

/** A group begins where it has committed; what is said here is for where it has not. */
function rangeOf(given: CommandArguments, isMember: boolean): ReadRange {
  const range = readRange(given.texts('from'));
  const start: StartPoint | null =
    range.start ?? (given.has('from-beginning') && !isMember ? { at: 'earliest' } : null);
  if (isMember && start !== null && ['offset', 'tail', 'time'].includes(start.at)) {
    throw new UsageError('--from: in a group, expected earliest, latest or stored');
  }
  return { ...range, start };
}

function formatOf(given: CommandArguments, leaders: ReadonlyMap<string, number>): RecordFormat {
  if (given.has('json')) return kcatEnvelope(leaders);
  const format = given.text('format') ?? 'text';
  if (format === 'json') return jsonFormat;
  const isTerminal = process.stdout.isTTY === true;
  const nullOr = (text: string) => (given.has('null') ? 'NULL' : text);
  if (format !== 'text') {
    if (!/[%\\]/.test(format)) {
      throw new UsageError(
        `--format ${format}: expected text, json or a format such as '%k:%s\\n'`,
      );
    }
    return kcatFormat(format, { nullText: nullOr(''), isTerminal });
  }
  const properties = given.pairs('property', { isTrimmed: false });
  if (properties.size > 0) return consoleFormat(properties, isTerminal);
  const separator = given.text('key-separator');
  const keyDelimiter = given.text('key-delimiter');
  const delimiter = given.text('delimiter');
  const isKcat = keyDelimiter !== undefined || delimiter !== undefined;
  const style = { nullText: nullOr(isKcat ? '' : 'null'), isTerminal };
  const parts = [valueFormat(style), fixedText(unescapedBytes(delimiter ?? '\\n'))];
  if (separator !== undefined) parts.unshift(keyFormat(style), fixedText(Buffer.from(separator)));
  else if (keyDelimiter !== undefined) {
    parts.unshift(keyFormat(style), fixedText(unescapedBytes(keyDelimiter)));
  }
  return inOrder(parts);
}

import { PRODUCER_DEFAULTS, readProducerOptions } from '../../client/producer/producer-options.ts';
import { CODEC_NAMES } from '../../records/codec-ids.ts';
import { clientConfig } from '../client-config.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { unescapedBytes } from '../escapes.ts';
import type { SplitOptions } from '../split-stream.ts';
import { asUsage, UsageError } from '../usage-error.ts';
import { fixedHeaders, type ParserOptions } from './record-parser.ts';

export interface ProducePlan {
  readonly topic: string;
  /** Null is the partitioner's choice. */
  readonly partition: number | null;
  readonly files: readonly string[];
  /** Whether files are read as lines are, not each as one record. */
  readonly readsLines: boolean;
  readonly split: SplitOptions;
  readonly parser: ParserOptions;
  /** Whether empty lines are no records. */
  readonly skipsEmptyLines: boolean;
  /** A line that lacks its key or headers is left out with a remark. */
  readonly skipsBadLines: boolean;
  readonly countMax: number;
  readonly isTee: boolean;
  readonly isQuiet: boolean;
  readonly options: Record<string, unknown>;
}

const READER_PROPERTIES = [
  'parse.key',
  'key.separator',
  'parse.headers',
  'headers.delimiter',
  'headers.separator',
  'headers.key.separator',
  'ignore.error',
  'null.marker',
];

export function producePlan(given: CommandArguments): ProducePlan {
  const operands = [...given.operands];
  const topic = given.text('topic') ?? operands.shift();
  if (topic === undefined) throw new UsageError('produce: which topic?');
  const reader = given.pairs('property', { isTrimmed: false });
  for (const name of reader.keys()) {
    if (READER_PROPERTIES.includes(name)) continue;
    const expected = READER_PROPERTIES.join(', ');
    throw new UsageError(`--property ${name}: expected one of ${expected}`);
  }
  const readsLines = given.has('lines');
  if (readsLines && operands.length !== 1) throw new UsageError('-l: expected one file');
  const partition = given.integer('partition', -1) ?? -1;
  return {
    topic,
    partition: partition < 0 ? null : partition,
    files: operands,
    readsLines,
    split: splitOf(given),
    parser: parserOf(given, reader),
    skipsEmptyLines: readsAsKcat(given),
    skipsBadLines: reader.get('ignore.error') === 'true',
    countMax: given.integer('max-messages', 1) ?? Number.POSITIVE_INFINITY,
    isTee: given.has('tee'),
    isQuiet: given.has('quiet'),
    options: producerOptions(given),
  };
}

/** `-t` is kcat's flag; the console producer has only `--topic`. */
function readsAsKcat(given: CommandArguments): boolean {
  return given.hasLetterOf('topic');
}

function splitOf(given: CommandArguments): SplitOptions {
  const delimiter = given.text('delimiter');
  const dropsReturn = !readsAsKcat(given);
  if (delimiter === undefined) return { delimiter: Buffer.from('\n'), dropsReturn };
  if (delimiter === '') throw new UsageError('--delimiter: expected at least one character');
  return { delimiter: unescapedBytes(delimiter), dropsReturn: false };
}

function parserOf(given: CommandArguments, reader: ReadonlyMap<string, string>): ParserOptions {
  const separator = given.text('key-separator');
  const delimiter = given.text('key-delimiter');
  if (separator === '' || delimiter === '') {
    throw new UsageError('--key-separator: expected at least one character');
  }
  const readsKeys = reader.get('parse.key') === 'true';
  const ofReader = readsKeys ? Buffer.from(reader.get('key.separator') ?? '\t') : null;
  const ofDelimiter = delimiter === undefined ? ofReader : unescapedBytes(delimiter);
  const key = given.text('key');
  const readsHeaders = reader.get('parse.headers') === 'true';
  return {
    keySeparator: separator === undefined ? ofDelimiter : Buffer.from(separator),
    isKeyOptional: separator === undefined && delimiter !== undefined,
    headersDelimiter: readsHeaders ? Buffer.from(reader.get('headers.delimiter') ?? '\t') : null,
    headersSeparator: reader.get('headers.separator') ?? ',',
    headerKeySeparator: reader.get('headers.key.separator') ?? ':',
    nullMarker: given.has('null') ? '' : (reader.get('null.marker') ?? null),
    fixedKey: key === undefined ? null : Buffer.from(key),
    fixedHeaders: fixedHeaders(given.texts('header')),
  };
}

function producerOptions(given: CommandArguments): Record<string, unknown> {
  const options = clientConfig(given, PRODUCER_DEFAULTS);
  const codec = given.text('compression');
  if (codec !== undefined) {
    if (!CODEC_NAMES.some((each) => each === codec)) {
      throw new UsageError(`--compression ${codec}: expected one of ${CODEC_NAMES.join(', ')}`);
    }
    options.compressionType = codec;
  }
  const acks = given.text('acks');
  if (acks !== undefined) {
    if (!['0', '1', '-1', 'all'].includes(acks)) {
      throw new UsageError(`--acks ${acks}: expected 0, 1 or all`);
    }
    options.acks = acks === 'all' ? acks : Number(acks);
  }
  asUsage(() => readProducerOptions(options));
  return options;
}

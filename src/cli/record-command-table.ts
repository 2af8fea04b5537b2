import { CLIENT } from './client-table.ts';
import type { CommandSpec, OptionTable } from './command.ts';

const SHARED: OptionTable = {
  ...CLIENT,
  'key-separator': { value: 'TEXT', help: 'what divides a line into key and value' },
  'key-delimiter': {
    value: 'TEXT',
    short: 'K',
    help: 'the same with \\n \\t \\xHH; a line without it has no key',
  },
  delimiter: { value: 'TEXT', short: 'D', help: 'what ends a record; \\n, with a \\r before it' },
  'max-messages': { value: 'N', short: 'c', help: 'stop after so many' },
  quiet: { short: 'q', help: 'no remarks, no progress' },
};

const PRODUCE: OptionTable = {
  ...SHARED,
  topic: {
    value: 'NAME',
    short: 't',
    help: 'the topic; operands are files then. -t leaves empty lines out and keeps each \\r',
  },
  partition: { value: 'N', short: 'p', help: 'to this partition only' },
  key: { value: 'TEXT', short: 'k', help: 'the key of lines without one of their own' },
  header: {
    value: 'NAME[=VALUE]',
    short: 'H',
    repeatable: true,
    help: 'a header of each record; null without a value',
  },
  compression: { value: 'CODEC', short: 'z', help: 'none, gzip, snappy, lz4 or zstd' },
  'compression-codec': { value: 'CODEC', as: 'compression', help: '' },
  acks: { value: '0|1|all', short: 'a', help: 'what to wait for; all' },
  'required-acks': { value: 'N', short: 'A', as: 'acks', help: '' },
  'request-required-acks': { value: 'N', as: 'acks', help: '' },
  null: { short: 'Z', help: 'empty keys and values are null' },
  lines: { short: 'l', help: 'split the file as the standard input is split' },
  tee: { short: 'T', help: 'print what is sent' },
  property: {
    value: 'NAME=VALUE',
    repeatable: true,
    help: 'parse.key, parse.headers, key.separator, null.marker, … of the console producer',
  },
  'reader-property': { value: 'NAME=VALUE', as: 'property', help: '' },
  'producer-property': { value: 'NAME=VALUE', as: 'command-property', help: '' },
  'producer.config': { value: 'FILE', as: 'command-config', help: '' },
};

const CONSUME: OptionTable = {
  ...SHARED,
  topic: { value: 'NAME', short: 't', repeatable: true, help: 'as an operand' },
  from: {
    value: 'START',
    short: 'o',
    repeatable: true,
    help: 'beginning, end, stored, N, -N before the end, s@MS from, e@MS up to a time; end',
  },
  offset: { value: 'START', as: 'from', help: '' },
  'from-beginning': { help: 'from the first record where no group has committed' },
  partition: { value: 'N', short: 'p', repeatable: true, help: 'only these partitions' },
  group: {
    value: 'NAME',
    short: 'G',
    help: 'as a member of this group; ^… is a pattern of topics',
  },
  include: { value: 'REGEX', repeatable: true, help: 'with a group: all topics that match' },
  'until-end': { short: 'e', help: 'stop where the log ended at the start' },
  format: {
    value: 'text|json|FORMAT',
    short: 'f',
    help: 'values only, one object a line, or %t %p %o %k %s %h %T %S %K %R with escapes',
  },
  json: { short: 'J', help: "kcat's envelope, one object a line" },
  null: { short: 'Z', help: 'null prints as NULL' },
  unbuffered: { short: 'u', help: 'write each record by itself' },
  'isolation-level': { value: 'LEVEL', help: 'read_uncommitted unless given, or read_committed' },
  property: {
    value: 'NAME=VALUE',
    repeatable: true,
    help: 'print.key, print.offset, key.separator, … of the console consumer',
  },
  'formatter-property': { value: 'NAME=VALUE', as: 'property', help: '' },
  'consumer-property': { value: 'NAME=VALUE', as: 'command-property', help: '' },
  'consumer.config': { value: 'FILE', as: 'command-config', help: '' },
};

export const RECORD_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'produce',
    operands: 'TOPIC [FILE…]',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'send each line of the standard input, or each file, as a record',
    options: PRODUCE,
    load: async () => (await import('./produce/produce.ts')).produce,
  },
  {
    name: 'consume',
    operands: 'TOPIC…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'print the records of topics',
    options: CONSUME,
    load: async () => (await import('./consume/consume.ts')).consume,
  },
];

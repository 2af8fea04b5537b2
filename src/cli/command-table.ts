/** Every command with its options: what is parsed, and what the usage text says. */

import { CLIENT } from './client-table.ts';
import type { CommandSpec, OptionTable } from './command.ts';
import { OUTPUT } from './output-table.ts';
import { PLAN_OPTIONS } from './plan/plan-options.ts';
import { RECORD_COMMANDS } from './record-command-table.ts';
import { SECURITY_COMMANDS } from './security-command-table.ts';
import { STREAMS_COMMANDS } from './streams-command-table.ts';
import { VERIFIABLE_COMMANDS } from './verifiable-command-table.ts';

const TOPIC: OptionTable = { topic: { value: 'NAME', repeatable: true, help: 'as an operand' } };
const GROUP: OptionTable = { group: { value: 'NAME', repeatable: true, help: 'as an operand' } };
const ENTITY: OptionTable = {
  topic: { value: 'NAME', help: 'the configuration of this topic' },
  broker: { value: 'ID', help: 'the configuration of this broker' },
  'broker-defaults': { help: 'what holds for all brokers' },
  group: { value: 'NAME', help: 'the configuration of this group' },
};

const TOPIC_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'topics list',
    operands: '',
    operandsMax: 0,
    summary: 'list the topics',
    options: { ...CLIENT, 'exclude-internal': { help: 'without __consumer_offsets' }, ...OUTPUT },
    load: async () => (await import('./topics/list.ts')).listTopics,
  },
  {
    name: 'topics create',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'create topics',
    options: {
      ...CLIENT,
      ...TOPIC,
      partitions: { value: 'N', help: "the broker's num.partitions unless given" },
      'replication-factor': { value: 'N', help: "the broker's default unless given" },
      config: { value: 'NAME=VALUE', repeatable: true, help: 'a topic configuration' },
      'if-not-exists': { help: 'a topic that is there already is no error' },
      'validate-only': { help: 'say whether it could be created, and leave it at that' },
      ...OUTPUT,
    },
    load: async () => (await import('./topics/create.ts')).createTopics,
  },
  {
    name: 'topics describe',
    operands: '[NAME…]',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'show partitions, leaders and configurations',
    options: { ...CLIENT, ...TOPIC, ...OUTPUT },
    load: async () => (await import('./topics/describe.ts')).describeTopics,
  },
  {
    name: 'topics delete',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'delete topics and their records',
    options: {
      ...CLIENT,
      ...TOPIC,
      'if-exists': { help: 'a topic that is not there is no error' },
      ...OUTPUT,
    },
    load: async () => (await import('./topics/delete.ts')).deleteTopics,
  },
  {
    name: 'topics alter',
    operands: 'NAME',
    operandsMax: 1,
    summary: 'add partitions, change configurations',
    options: {
      ...CLIENT,
      ...TOPIC,
      partitions: { value: 'N', help: 'grow to N partitions' },
      config: { value: 'NAME=VALUE', repeatable: true, help: 'set a configuration' },
      'delete-config': { value: 'NAME', repeatable: true, help: 'back to its default' },
      ...OUTPUT,
    },
    load: async () => (await import('./topics/alter.ts')).alterTopic,
  },
];

const GROUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'groups list',
    operands: '',
    operandsMax: 0,
    summary: 'list the consumer groups',
    options: {
      ...CLIENT,
      state: { value: 'STATE', repeatable: true, help: 'only groups in this state' },
      type: { value: 'TYPE', repeatable: true, help: 'only classic or consumer groups' },
      ...OUTPUT,
    },
    load: async () => (await import('./groups/list.ts')).listGroups,
  },
  {
    name: 'groups describe',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'show offsets, lag and who consumes what',
    options: {
      ...CLIENT,
      ...GROUP,
      'all-groups': { help: 'every group' },
      members: { help: 'show the members in place of the offsets' },
      state: { help: 'show state and coordinator in place of the offsets' },
      ...OUTPUT,
    },
    load: async () => (await import('./groups/describe.ts')).describeGroups,
  },
  {
    name: 'groups delete',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'delete groups without members',
    options: { ...CLIENT, ...GROUP, ...OUTPUT },
    load: async () => (await import('./groups/delete.ts')).deleteGroups,
  },
  {
    name: 'groups delete-offsets',
    operands: 'NAME',
    operandsMax: 1,
    summary: 'forget the offsets that a group has of topics',
    options: {
      ...CLIENT,
      ...GROUP,
      topic: { value: 'NAME[:P,…]', repeatable: true, help: 'all or some of its partitions' },
      ...OUTPUT,
    },
    load: async () => (await import('./groups/delete-offsets.ts')).deleteOffsets,
  },
  {
    name: 'groups reset-offsets',
    operands: 'NAME',
    operandsMax: 1,
    summary: 'move the offsets of a group without members',
    options: {
      ...CLIENT,
      ...GROUP,
      topic: { value: 'NAME[:P,…]', repeatable: true, help: 'all or some of its partitions' },
      'all-topics': { help: 'all that the group has committed' },
      'to-earliest': { help: 'to the first record' },
      'to-latest': { help: 'behind the last record' },
      'to-current': { help: 'to what is committed now' },
      'to-offset': { value: 'N', help: 'to this offset' },
      'shift-by': { value: 'N', help: 'forward by N, or back where it is negative' },
      'to-datetime': { value: 'TIME', help: 'to 2026-01-31T12:00:00[.000][Z|+01:00]' },
      'by-duration': { value: 'PnDTnHnMnS', help: 'to this long ago' },
      'dry-run': { help: 'only show what would be done: the default' },
      execute: { help: 'do it' },
      ...OUTPUT,
    },
    load: async () => (await import('./groups/reset-offsets.ts')).resetOffsets,
  },
];

const CONFIG_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'configs describe',
    operands: '',
    operandsMax: 0,
    summary: 'show what is configured',
    options: {
      ...CLIENT,
      ...ENTITY,
      all: { help: 'defaults as well, and with -o json the documentation' },
      ...OUTPUT,
    },
    load: async () => (await import('./configs/describe.ts')).describeConfigs,
  },
  {
    name: 'configs alter',
    operands: '',
    operandsMax: 0,
    summary: 'change configurations of a running broker',
    options: {
      ...CLIENT,
      ...ENTITY,
      add: { value: 'NAME=VALUE', repeatable: true, help: 'set a value' },
      delete: { value: 'NAME', repeatable: true, help: 'back to the default' },
      'validate-only': { help: 'say whether it could be done, and leave it at that' },
      ...OUTPUT,
    },
    load: async () => (await import('./configs/alter.ts')).alterConfigs,
  },
];

const TRANSACTION_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'transactions list',
    operands: '',
    operandsMax: 0,
    summary: 'list the transactional ids and their states',
    options: {
      ...CLIENT,
      'duration-filter': { value: 'MS', help: 'only transactions that are open for longer' },
      'transactional-id-pattern': { value: 'REGEX', help: 'only ids that match' },
      ...OUTPUT,
    },
    load: async () => (await import('./transactions/list.ts')).listTransactions,
  },
  {
    name: 'transactions describe',
    operands: 'ID',
    operandsMax: 1,
    summary: 'show the transaction of an id',
    options: {
      ...CLIENT,
      'transactional-id': { value: 'ID', repeatable: true, help: 'as an operand' },
      ...OUTPUT,
    },
    load: async () => (await import('./transactions/describe.ts')).describeTransaction,
  },
  {
    name: 'transactions find-hanging',
    operands: '',
    operandsMax: 0,
    summary: 'find open transactions that no coordinator will end',
    options: {
      ...CLIENT,
      topic: { value: 'NAME', help: 'only in this topic' },
      partition: { value: 'N', help: 'only in this partition of it' },
      'broker-id': { value: 'ID', help: 'only in partitions of this broker' },
      'max-transaction-timeout': { value: 'MINUTES', help: 'only older ones; 15' },
      ...OUTPUT,
    },
    load: async () => (await import('./transactions/find-hanging.ts')).findHangingTransactions,
  },
  {
    name: 'transactions held',
    operands: '',
    operandsMax: 0,
    summary: 'show which transaction holds each partition, and whose it is',
    options: {
      'http-url': { value: 'URL', help: "the broker's HTTP listener; http://127.0.0.1:9080" },
      ...OUTPUT,
    },
    load: async () => (await import('./transactions/held.ts')).showHeldPartitions,
  },
  {
    name: 'transactions abort',
    operands: '',
    operandsMax: 0,
    summary: 'end a hanging transaction in a partition',
    options: {
      ...CLIENT,
      topic: { value: 'NAME', help: 'the topic' },
      partition: { value: 'N', help: 'the partition' },
      'start-offset': { value: 'N', help: 'where the transaction starts' },
      'producer-id': { value: 'N', help: 'in place of it, with the two epochs' },
      'producer-epoch': { value: 'N', help: 'the epoch of the producer' },
      'coordinator-epoch': { value: 'N', help: 'the epoch of its coordinator' },
      ...OUTPUT,
    },
    load: async () => (await import('./transactions/abort.ts')).abortTransaction,
  },
];

const CLUSTER_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'cluster format-help',
    operands: '',
    operandsMax: 0,
    summary: "print how Kafka's controllers are formatted for a cluster of this broker",
    options: {},
    load: async () => (await import('./cluster/format-help.ts')).formatHelp,
  },
  {
    name: 'cluster grow',
    operands: '[server.properties]',
    operandsMax: 1,
    summary: 'make a stopped broker the first one of a cluster, without copying a record',
    options: {
      override: { value: 'NAME=VALUE', repeatable: true, help: 'over what the file says' },
      'cluster-id': { value: 'ID', help: 'what the controllers are formatted with' },
      'bootstrap-file': { value: 'FILE', help: 'for the controllers; bootstrap.checkpoint' },
    },
    load: async () => (await import('./cluster/grow.ts')).growCluster,
  },
];

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'serve',
    operands: '[server.properties]',
    operandsMax: 1,
    summary: 'run the broker',
    options: {
      override: { value: 'NAME=VALUE', repeatable: true, help: 'over what the file says' },
    },
    load: async () => (await import('./serve.ts')).serve,
  },
  ...TOPIC_COMMANDS,
  ...RECORD_COMMANDS,
  ...GROUP_COMMANDS,
  ...CONFIG_COMMANDS,
  ...TRANSACTION_COMMANDS,
  ...STREAMS_COMMANDS,
  ...SECURITY_COMMANDS,
  ...CLUSTER_COMMANDS,
  ...VERIFIABLE_COMMANDS,
  {
    name: 'dump-log',
    operands: 'FILE…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'read .log, .index, .timeindex, .txnindex and .snapshot files, and check them',
    options: { records: { help: 'the records as well as their batches' }, ...OUTPUT },
    load: async () => (await import('./dump-log/dump-log.ts')).dumpLog,
  },
  {
    name: 'plan',
    operands: '',
    operandsMax: 0,
    summary: 'reckon what a load takes: rates, lag, disk, partitions, replicas',
    options: { ...PLAN_OPTIONS, ...OUTPUT },
    load: async () => (await import('./plan/plan.ts')).plan,
  },
  {
    name: 'version',
    operands: '',
    operandsMax: 0,
    summary: 'print the version',
    options: { ...OUTPUT },
    load: async () => (await import('./version.ts')).version,
  },
  {
    name: 'help',
    operands: '[COMMAND]',
    operandsMax: 3,
    summary: 'explain a command',
    options: {},
    load: async () => (await import('./help.ts')).help,
  },
];

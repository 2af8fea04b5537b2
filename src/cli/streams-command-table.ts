import { CLIENT } from './client-table.ts';
import type { CommandSpec, OptionTable } from './command.ts';
import { OUTPUT } from './output-table.ts';

const GROUP: OptionTable = { group: { value: 'NAME', repeatable: true, help: 'as an operand' } };

const STREAMS_GROUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'streams groups list',
    operands: '',
    operandsMax: 0,
    summary: 'list the groups of streams applications, of either protocol',
    options: {
      ...CLIENT,
      state: { value: 'STATE', repeatable: true, help: 'only groups in this state' },
      ...OUTPUT,
    },
    load: async () => (await import('./streams/list-groups.ts')).listStreamsGroups,
  },
  {
    name: 'streams groups describe',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'show offsets and lag, members with their tasks, or states of applications',
    options: {
      ...CLIENT,
      ...GROUP,
      'all-groups': { help: 'every group of a streams application' },
      offsets: { help: 'show the offsets: the default' },
      members: { help: 'show the members and their tasks' },
      state: { help: 'show state, epochs and coordinator' },
      ...OUTPUT,
    },
    load: async () => (await import('./streams/describe-groups.ts')).describeStreamsGroups,
  },
  {
    name: 'streams groups delete',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'delete groups without members',
    options: {
      ...CLIENT,
      ...GROUP,
      'delete-all-internal-topics': { help: 'their changelogs and repartition topics as well' },
      ...OUTPUT,
    },
    load: async () => (await import('./streams/delete-groups.ts')).deleteStreamsGroups,
  },
];

/** What concerns applications of millrace/streams and of Kafka Streams. */
export const STREAMS_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'streams describe',
    operands: 'MODULE',
    operandsMax: 1,
    summary: 'show the topology that a module exports, or what a change of it would leave behind',
    options: {
      export: { value: 'NAME', help: "its name in the module; 'default' or 'topology'" },
      optimization: { value: 'all|none', help: 'how a StreamsBuilder is built; none' },
      json: { help: 'as JSON, which --compare takes later; the same as -o json' },
      mermaid: { help: 'as a flowchart for Mermaid' },
      compare: {
        value: 'FILE',
        help: 'name what differs from this saved JSON; exit code 1 where something is left behind',
      },
      ...OUTPUT,
    },
    load: async () => (await import('./streams/describe.ts')).describeTopology,
  },
  ...STREAMS_GROUP_COMMANDS,
  {
    name: 'streams reset',
    operands: 'APPLICATION-ID',
    operandsMax: 1,
    summary: 'have an application begin anew: input offsets, internal topics',
    options: {
      ...CLIENT,
      'application-id': { value: 'ID', repeatable: true, help: 'as an operand' },
      'input-topics': { value: 'LIST', help: 'with commas: go back to the first record of these' },
      'internal-topics': { value: 'LIST', help: 'delete only these of its internal topics' },
      'to-earliest': { help: 'input topics: to the first record; the default' },
      'to-latest': { help: 'input topics: behind the last record' },
      'to-offset': { value: 'N', help: 'input topics: to this offset' },
      'shift-by': { value: 'N', help: 'input topics: forward by N, or back' },
      'to-datetime': { value: 'TIME', help: 'to 2026-01-31T12:00:00[.000][Z|+01:00]' },
      'by-duration': { value: 'PnDTnHnMnS', help: 'input topics: to this long ago' },
      'dry-run': { help: 'only show what would be done' },
      force: { help: 'remove members that are still in the group' },
      ...OUTPUT,
    },
    load: async () => (await import('./streams/reset.ts')).resetApplication,
  },
];

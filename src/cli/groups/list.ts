import type { ListedGroup } from '../../client/admin/group-admin.ts';
import { choicesOf } from '../choices.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';

const COLUMNS: readonly TableColumn<ListedGroup>[] = [
  { title: 'GROUP', value: ({ groupId }) => groupId },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'PROTOCOL', value: ({ protocolType }) => protocolType },
  { title: 'STATE', value: ({ state }) => state },
];

/** All types that Kafka knows, since the command also runs against other brokers. */
const STATES = [
  'PreparingRebalance',
  'CompletingRebalance',
  'Assigning',
  'Reconciling',
  'Stable',
  'NotReady',
  'Empty',
  'Dead',
];
const TYPES = ['Classic', 'Consumer', 'Share', 'Streams'];

export async function listGroups(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const filter = {
    states: choicesOf(given, 'state', STATES),
    types: choicesOf(given, 'type', TYPES),
  };
  const groups = await withAdmin(given, (admin) => admin.groups.list(filter));
  if (isJson) await writeJson(groups);
  else await writeTable(COLUMNS, groups);
  return 0;
}

import type { ListedGroup } from '../../client/admin/group-admin.ts';
import { choicesOf } from '../choices.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';
import { listApplications } from './streams-groups.ts';

const COLUMNS: readonly TableColumn<ListedGroup>[] = [
  { title: 'GROUP', value: ({ groupId }) => groupId },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'STATE', value: ({ state }) => state },
];

const STATES = [
  'Empty',
  'NotReady',
  'Stable',
  'Assigning',
  'Reconciling',
  'PreparingRebalance',
  'CompletingRebalance',
  'Dead',
];

export async function listStreamsGroups(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const wanted = choicesOf(given, 'state', STATES);
  const found = await withAdmin(given, listApplications);
  const groups = found.filter(({ state }) => wanted.length === 0 || wanted.includes(state));
  if (isJson) await writeJson(groups);
  else await writeTable(COLUMNS, groups);
  return 0;
}

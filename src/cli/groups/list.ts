import type { ListedGroup } from '../../client/group-admin.ts';
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

export async function listGroups(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const filter = { states: given.texts('state'), types: given.texts('type') };
  const groups = await withAdmin(given, (admin) => admin.groups.list(filter));
  if (isJson) await writeJson(groups);
  else await writeTable(COLUMNS, groups);
  return 0;
}

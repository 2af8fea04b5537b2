import type { ListedGroup } from '../../client/admin/group-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { UsageError } from '../usage-error.ts';
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

/** The values of an option, separated by commas or repeated. An unknown name matches nothing. */
function filterOf(given: CommandArguments, option: string, known: readonly string[]): string[] {
  const texts = given.texts(option).flatMap((text) => text.split(','));
  return texts.map((text) => {
    const found = known.find((name) => name.toLowerCase() === text.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`--${option} ${text}: expected one of ${known.join(', ')}`);
  });
}

export async function listGroups(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const filter = {
    states: filterOf(given, 'state', STATES),
    types: filterOf(given, 'type', TYPES),
  };
  const groups = await withAdmin(given, (admin) => admin.groups.list(filter));
  if (isJson) await writeJson(groups);
  else await writeTable(COLUMNS, groups);
  return 0;
}

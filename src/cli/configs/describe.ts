import type { ConfigEntry } from '../../client/admin/config-entry.ts';
import { allRequired } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';
import { configEntity } from './entity.ts';

const COLUMNS: readonly TableColumn<ConfigEntry>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'VALUE', value: ({ value, sensitive }) => (sensitive ? '(hidden)' : value) },
  { title: 'SOURCE', value: ({ source }) => source },
];

/** Set while the broker runs, for this entity or for all brokers. */
function isDynamic({ source }: ConfigEntry): boolean {
  return source.startsWith('DYNAMIC_');
}

export async function describeConfigs(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const entity = configEntity(given);
  const showsAll = given.has('all');
  const documents = showsAll && isJson;
  const all = await withAdmin(given, async (admin) => {
    return allRequired(await admin.configs.describe([entity], { documentation: documents })).flat();
  });
  const entries = showsAll ? all : all.filter(isDynamic);
  if (isJson) await writeJson(entries.map((entry) => shownEntry(entry, documents)));
  else await writeTable(COLUMNS, entries);
  return 0;
}

function shownEntry(entry: ConfigEntry, documents: boolean) {
  const { name, value, source, readOnly, sensitive, documentation } = entry;
  const shown = { name, value, source, readOnly, sensitive };
  return documents ? { ...shown, documentation } : shown;
}

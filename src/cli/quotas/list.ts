import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';
import { quotaEntityOf, quotaEntityText } from './quota-entity.ts';

interface Row {
  readonly entity: string;
  readonly quota: string;
  readonly value: number;
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { title: 'ENTITY', value: ({ entity }) => entity },
  { title: 'QUOTA', value: ({ quota }) => quota },
  { title: 'VALUE', value: ({ value }) => value },
];

export async function listQuotas(given: CommandArguments): Promise<number> {
  const entity = quotaEntityOf(given);
  const filter = Object.fromEntries(Object.entries(entity).map(([type, name]) => [type, { name }]));
  const found = await withAdmin(given, (admin) => admin.quotas.describe(filter));
  if (wantsJson(given)) {
    await writeJson(found);
    return 0;
  }
  const rows = found.flatMap((each) => {
    const text = quotaEntityText(each.entity);
    return Object.entries(each.values).map(([quota, value]) => ({ entity: text, quota, value }));
  });
  const keyOf = ({ entity: who, quota }: Row) => `${who} ${quota}`;
  rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await writeTable(COLUMNS, rows);
  return 0;
}

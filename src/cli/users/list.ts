import { required } from '../../client/admin/outcome.ts';
import type { ScramCredential } from '../../client/admin/scram-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';

interface Row extends ScramCredential {
  readonly user: string;
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { title: 'USER', value: ({ user }) => user },
  { title: 'MECHANISM', value: ({ mechanism }) => mechanism },
  { title: 'ITERATIONS', value: ({ iterations }) => iterations },
];

export async function listUsers(given: CommandArguments): Promise<number> {
  const names = given.names('user');
  const asked = names.length === 0 ? undefined : names;
  const found = await withAdmin(given, (admin) => admin.scram.describe(asked));
  const rows = [...found].flatMap(([user, outcome]) => {
    return required(outcome).map((credential) => ({ user, ...credential }));
  });
  rows.sort((a, b) => (a.user < b.user ? -1 : a.user > b.user ? 1 : 0));
  if (wantsJson(given)) await writeJson(rows);
  else await writeTable(COLUMNS, rows);
  return 0;
}

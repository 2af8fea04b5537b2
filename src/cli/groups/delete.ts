import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';

export async function deleteGroups(given: CommandArguments): Promise<number> {
  const names = given.names('group');
  if (names.length === 0) throw new UsageError('groups delete: which group?');
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (name) => {
      required((await admin.groups.delete([name])).get(name));
      return 'deleted';
    }),
  );
}

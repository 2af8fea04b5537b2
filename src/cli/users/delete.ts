import type { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import type { ScramMechanism } from '../../client/admin/scram-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { mechanismOf } from './mechanism.ts';

export async function deleteUsers(given: CommandArguments): Promise<number> {
  const names = given.names('user');
  if (names.length === 0) throw new UsageError('users delete: which user?');
  const only = mechanismOf(given);
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (user) => {
      const mechanisms = only === null ? await mechanismsOf(admin, user) : [only];
      // Kafka changes a user once in a request, so each mechanism has one of its own.
      for (const mechanism of mechanisms) {
        required((await admin.scram.alter([{ user, mechanism, password: null }])).get(user));
      }
      return 'deleted';
    }),
  );
}

async function mechanismsOf(admin: Admin, user: string): Promise<ScramMechanism[]> {
  const credentials = required((await admin.scram.describe([user])).get(user));
  return credentials.flatMap(({ mechanism }) => (mechanism === 'UNKNOWN' ? [] : [mechanism]));
}

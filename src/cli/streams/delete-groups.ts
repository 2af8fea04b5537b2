import type { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { internalTopicsOf } from './internal-topics.ts';

export async function deleteStreamsGroups(given: CommandArguments): Promise<number> {
  const names = given.names('group');
  if (names.length === 0) throw new UsageError('streams groups delete: which group?');
  const withTopics = given.has('delete-all-internal-topics');
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (name) => {
      const topics = withTopics ? await topicsOf(admin, name) : [];
      required((await admin.groups.delete([name])).get(name));
      for (const outcome of (await admin.topics.delete(topics)).values()) required(outcome);
      return topics.length === 0 ? 'deleted' : `deleted ${topics.length} internal topics and`;
    }),
  );
}

async function topicsOf(admin: Admin, applicationId: string): Promise<readonly string[]> {
  const topics = (await admin.topics.list()).map(({ name }) => name);
  const groups = (await admin.groups.list()).map(({ groupId }) => groupId);
  return internalTopicsOf(applicationId, topics, groups).own;
}

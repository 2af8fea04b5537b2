import type { ConfigChange } from '../../client/admin/config-admin.ts';
import { allRequired } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { configChanges } from '../configs/changes.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';

export async function alterTopic(given: CommandArguments): Promise<number> {
  const topic = given.name('topic');
  const partitions = given.integer('partitions', 1);
  const changes: readonly ConfigChange[] = configChanges(given, 'config', 'delete-config');
  if (partitions === undefined && changes.length === 0) {
    throw new UsageError('topics alter: expected --partitions, --config or --delete-config');
  }
  return withAdmin(given, (admin) =>
    reportEach(given, [topic], async (name) => {
      if (partitions !== undefined) {
        const growth = { topic: name, count: partitions };
        allRequired(await admin.topics.createPartitions([growth]));
      }
      if (changes.length > 0) {
        const resource = { type: 'topic', name } as const;
        allRequired(await admin.configs.alter([{ resource, changes }]));
      }
      return 'altered';
    }),
  );
}

import { type ConfigChange, RESOURCE_TYPE } from '../../client/config-admin.ts';
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
      if (partitions !== undefined) await admin.topics.grow(name, partitions);
      if (changes.length > 0) {
        await admin.configs.alter({ type: RESOURCE_TYPE.TOPIC, name }, changes);
      }
      return 'altered';
    }),
  );
}

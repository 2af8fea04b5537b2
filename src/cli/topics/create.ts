import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';

const BROKER_DEFAULT = -1;

export async function createTopics(given: CommandArguments): Promise<number> {
  const names = given.names('topic');
  if (names.length === 0) throw new UsageError('topics create: which topic?');
  const partitions = given.integer('partitions', 1) ?? BROKER_DEFAULT;
  const replicationFactor = given.integer('replication-factor', 1) ?? BROKER_DEFAULT;
  const configs = given.pairs('config');
  const validateOnly = given.has('validate-only');
  const options = { validateOnly, ifNotExists: given.has('if-not-exists') };
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (name) => {
      const topic = { name, partitions, replicationFactor, configs };
      const created = await admin.topics.create(topic, options);
      if (!created) return 'there already:';
      return validateOnly ? 'could create' : 'created';
    }),
  );
}

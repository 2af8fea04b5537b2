import { required } from '../../client/admin/outcome.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
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
  const configs = Object.fromEntries(given.pairs('config'));
  const validateOnly = given.has('validate-only');
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (name) => {
      const topic = { name, partitions, replicationFactor, configs };
      const created = (await admin.topics.create([topic], { validateOnly })).get(name);
      const isThere = isKafkaError(created, 'TOPIC_ALREADY_EXISTS');
      if (isThere && given.has('if-not-exists')) return 'there already:';
      required(created);
      return validateOnly ? 'could create' : 'created';
    }),
  );
}

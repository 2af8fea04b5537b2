import { required } from '../../client/admin/outcome.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';

export async function deleteTopics(given: CommandArguments): Promise<number> {
  const names = given.names('topic');
  if (names.length === 0) throw new UsageError('topics delete: which topic?');
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (name) => {
      const deleted = (await admin.topics.delete([name])).get(name);
      const isMissing = isKafkaError(deleted, 'UNKNOWN_TOPIC_OR_PARTITION');
      if (isMissing && given.has('if-exists')) return 'not there:';
      required(deleted);
      return 'deleted';
    }),
  );
}

import { ERROR } from '../../base/kafka-errors.ts';
import { isResponseError } from '../../client/response-error.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';

export async function deleteTopics(given: CommandArguments): Promise<number> {
  const names = given.names('topic');
  if (names.length === 0) throw new UsageError('topics delete: which topic?');
  return withAdmin(given, (admin) =>
    reportEach(given, names, async (name) => {
      try {
        await admin.topics.delete(name);
      } catch (thrown) {
        const missing = isResponseError(thrown, ERROR.UNKNOWN_TOPIC_OR_PARTITION);
        if (!missing || !given.has('if-exists')) throw thrown;
        return 'not there:';
      }
      return 'deleted';
    }),
  );
}

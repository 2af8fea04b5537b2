import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { parseScope, partitionsOf } from './partition-scope.ts';

export async function deleteOffsets(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const group = given.name('group');
  const scopes = given.texts('topic').map(parseScope);
  if (scopes.length === 0) throw new UsageError('groups delete-offsets: expected --topic');
  const partitions = await withAdmin(given, async (admin) => {
    const meant = await partitionsOf(admin, scopes);
    const deleted = await admin.groupOffsets.delete(group, meant);
    for (const { outcome } of deleted) required(outcome);
    return meant;
  });
  if (isJson) await writeJson({ group, deleted: partitions });
  else {
    const columns = [
      { title: 'GROUP', value: () => group },
      { title: 'TOPIC', value: ({ topic }: { topic: string }) => topic },
      { title: 'DELETED', value: ({ partition }: { partition: number }) => partition },
    ];
    await writeTable(columns, partitions);
  }
  return 0;
}

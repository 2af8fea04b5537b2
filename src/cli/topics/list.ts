import type { TopicDescription } from '../../client/admin/topic-description.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';

const COLUMNS: readonly TableColumn<TopicDescription>[] = [
  { title: 'TOPIC', value: ({ name }) => name },
  { title: 'PARTITIONS', value: ({ partitions }) => partitions.length },
  { title: 'REPLICAS', value: ({ partitions }) => partitions[0]?.replicas.length ?? 0 },
];

export async function listTopics(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const all = await withAdmin(given, (admin) => admin.topics.list());
  const topics = all.filter(({ isInternal }) => !isInternal || !given.has('exclude-internal'));
  if (!isJson) await writeTable(COLUMNS, topics);
  else {
    await writeJson(
      topics.map(({ name, topicId, isInternal, partitions }) => {
        const replicationFactor = partitions[0]?.replicas.length ?? 0;
        return { name, topicId, isInternal, partitions: partitions.length, replicationFactor };
      }),
    );
  }
  return 0;
}

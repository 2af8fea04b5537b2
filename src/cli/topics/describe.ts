import type { Admin } from '../../client/admin/admin.ts';
import { allRequired, required } from '../../client/admin/outcome.ts';
import type {
  PartitionDescription,
  TopicDescription,
} from '../../client/admin/topic-description.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, write, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { withAdmin } from '../with-admin.ts';

interface DescribedTopic extends TopicDescription {
  /** What was set for this topic; the rest are defaults. */
  readonly configs: Readonly<Record<string, string | null>>;
}

interface PartitionRow extends PartitionDescription {
  readonly topic: string;
}

const TOPIC_SOURCE = 'DYNAMIC_TOPIC_CONFIG';

const TOPIC_COLUMNS: readonly TableColumn<DescribedTopic>[] = [
  { title: 'TOPIC', value: ({ name }) => name },
  { title: 'ID', value: ({ topicId }) => topicId },
  { title: 'PARTITIONS', value: ({ partitions }) => partitions.length },
  { title: 'REPLICAS', value: ({ partitions }) => partitions[0]?.replicas.length ?? 0 },
  { title: 'CONFIGS', value: ({ configs }) => configText(configs) },
];

const PARTITION_COLUMNS: readonly TableColumn<PartitionRow>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', value: ({ partition }) => partition },
  { title: 'LEADER', value: ({ leader }) => (leader < 0 ? null : leader) },
  { title: 'REPLICAS', value: ({ replicas }) => replicas.join(',') },
  { title: 'ISR', value: ({ isr }) => isr.join(',') },
];

function configText(configs: DescribedTopic['configs']): string {
  return Object.entries(configs)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .join(',');
}

/** The configurations of all topics come in one answer. */
async function withConfigs(
  admin: Admin,
  topics: readonly TopicDescription[],
): Promise<DescribedTopic[]> {
  const resources = topics.map(({ name }) => ({ type: 'topic', name }) as const);
  const described = await admin.configs.describe(resources);
  return topics.map((topic, i) => {
    const entries = required(described.get(resources[i]!));
    const own = entries.filter(({ source }) => source === TOPIC_SOURCE);
    return { ...topic, configs: Object.fromEntries(own.map(({ name, value }) => [name, value])) };
  });
}

export async function describeTopics(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const names = given.names('topic');
  const topics = await withAdmin(given, async (admin) => {
    const { topics: asked } = admin;
    const isAll = names.length === 0;
    const found = isAll ? await asked.list() : allRequired(await asked.describe(names));
    return withConfigs(admin, found);
  });
  if (isJson) {
    await writeJson(topics);
    return 0;
  }
  await writeTable(TOPIC_COLUMNS, topics);
  await write('\n');
  const rows = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ ...partition, topic: name })),
  );
  await writeTable(PARTITION_COLUMNS, rows);
  return 0;
}

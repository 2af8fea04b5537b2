import type { Admin } from '../../client/admin/admin.ts';
import { allRequired } from '../../client/admin/outcome.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import { UsageError } from '../usage-error.ts';

export interface TopicScope {
  readonly topic: string;
  /** Empty: all of them. */
  readonly partitions: readonly number[];
}

const SCOPE = /^([^:]+)(?::(\d+(?:,\d+)*))?$/;

/** `NAME` or `NAME:0,1`. */
export function parseScope(text: string): TopicScope {
  const match = SCOPE.exec(text);
  if (match === null) throw new UsageError(`--topic ${text}: expected NAME or NAME:0,1`);
  const listed = match[2] === undefined ? [] : match[2].split(',').map(Number);
  return { topic: match[1]!, partitions: [...new Set(listed)] };
}

/** The partitions that are meant, each known to exist in its topic. */
export async function partitionsOf(
  admin: Admin,
  scopes: readonly TopicScope[],
): Promise<TopicPartition[]> {
  const described = allRequired(await admin.topics.describe(scopes.map(({ topic }) => topic)));
  const counts = new Map(described.map(({ name, partitions }) => [name, partitions.length]));
  return scopes.flatMap(({ topic, partitions }) => {
    const count = counts.get(topic) ?? 0;
    const beyond = partitions.find((partition) => partition >= count);
    if (beyond !== undefined) {
      throw new UsageError(`topic ${topic} has ${count} partitions, there is no ${beyond}`);
    }
    const all = partitions.length === 0 ? Array.from({ length: count }, (_, i) => i) : partitions;
    return all.map((partition) => ({ topic, partition }));
  });
}

import { API } from '../../protocol/api-keys.ts';
import type { AdminParts } from './admin.ts';
import { isNotController, throwFirst } from './admin-topics.ts';
import type { ListPartitionReassignmentsResponse, PartitionReassignment } from './admin-types.ts';
import { checkTopicEntries, invalid } from './checks.ts';
import type { TopicPartitions } from './consumer-types.ts';
import { KafkaJSAggregateError, KafkaJSAlterPartitionReassignmentsError } from './errors.ts';
import { protocolError } from './protocol-error.ts';
import { retriedBut } from './retry.ts';

const TIMEOUT_MS = 5_000;

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

function checkAssignment({ topic, partitionAssignment: list }: PartitionReassignment): void {
  if (!list || !Array.isArray(list)) {
    throw invalid(`Invalid partitions array: ${list} for topic: ${topic}`);
  }
  for (const { partition, replicas } of list) {
    if (!isNumber(partition)) {
      throw invalid(`Invalid partitions index: ${partition} for topic: ${topic}`);
    }
    const what = `Invalid replica assignment: ${replicas} for topic: ${topic}`;
    if (!replicas || !Array.isArray(replicas)) {
      throw invalid(`${what} on partition: ${partition}`);
    }
    if (replicas.every(isNumber)) continue;
    const rule = 'Replicas must be a non negative number';
    throw invalid(`${what} on partition: ${partition}. ${rule}`);
  }
}

export async function alterReassignments(
  { cluster, retry }: AdminParts,
  options: { readonly topics: PartitionReassignment[]; readonly timeout?: number | undefined },
): Promise<void> {
  const { topics, timeout: timeoutMs = TIMEOUT_MS } = options;
  checkTopicEntries(topics, 'topics');
  for (const each of topics) checkAssignment(each);
  await retriedBut(retry, isNotController, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(API.ALTER_PARTITION_REASSIGNMENTS, {
        timeoutMs,
        topics: topics.map(({ topic: name, partitionAssignment }) => ({
          name,
          partitions: partitionAssignment.map(({ partition, replicas }) => {
            return { partitionIndex: partition, replicas };
          }),
        })),
      }),
    );
    throwFirst([answer]);
    const errors = answer.responses.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode !== 0)
        .map(({ errorCode, partitionIndex }) => {
          const { type, code, retriable, message } = protocolError(errorCode);
          const error = { type, code, retriable, message };
          return new KafkaJSAlterPartitionReassignmentsError(error, name, partitionIndex);
        }),
    );
    if (errors.length === 0) return;
    throw new KafkaJSAggregateError('Errors altering partition reassignments', errors);
  });
}

export async function listReassignments(
  { cluster, retry }: AdminParts,
  options: {
    readonly topics?: TopicPartitions[] | null | undefined;
    readonly timeout?: number | undefined;
  },
): Promise<ListPartitionReassignmentsResponse> {
  const { topics = null, timeout: timeoutMs = TIMEOUT_MS } = options;
  if (topics) checkTopicEntries(topics, 'topics');
  for (const { topic, partitions } of topics ?? []) {
    const what = `Invalid partition array: ${partitions} for topic: ${topic}`;
    if (!partitions || !Array.isArray(partitions)) throw invalid(what);
    if (partitions.every(isNumber)) continue;
    throw invalid(`${what}. The partition indices have to be a valid number greater than 0.`);
  }
  return retriedBut(retry, isNotController, async () => {
    const wanted = topics?.map(({ topic: name, partitions: partitionIndexes }) => {
      return { name, partitionIndexes };
    });
    const answer = await cluster.askController((connection) =>
      connection.ask(API.LIST_PARTITION_REASSIGNMENTS, { timeoutMs, topics: wanted ?? null }),
    );
    throwFirst([answer]);
    return {
      topics: answer.topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ partitionIndex, ...replicas }) => {
          return { partition: partitionIndex, ...replicas };
        }),
      })),
    };
  });
}

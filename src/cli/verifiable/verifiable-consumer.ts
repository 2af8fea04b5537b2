import { Consumer } from '../../client/consumer/consumer.ts';
import { CONSUMER_DEFAULTS, type ConsumerOptions } from '../../client/consumer/consumer-options.ts';
import type { RecordBatch } from '../../client/consumer/records/record-batch.ts';
import { isKafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import { assignorsOf } from '../assignors.ts';
import { clientConfig } from '../client-config.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { Ending } from '../ending.ts';
import { remark } from '../output.ts';
import { asUsage, UsageError } from '../usage-error.ts';
import { logEvent } from './event-log.ts';

type Bytes = Uint8Array | null;
type TextBatch = RecordBatch<Bytes, Bytes>;

interface Plan {
  readonly topic: string;
  /** Negative is without end. */
  readonly maxMessages: number;
  readonly isVerbose: boolean;
  readonly autoCommits: boolean;
  readonly options: Record<string, unknown>;
}

/** Kafka's VerifiableConsumer: a line for what was read, committed, assigned and revoked. */
export async function verifiableConsumer(given: CommandArguments): Promise<number> {
  const plan = planOf(given);
  using ending = new Ending();
  const listener = {
    onAssigned: (partitions: readonly TopicPartition[]) => {
      logEvent('partitions_assigned', { partitions: placesOf(partitions) });
    },
    onRevoked: (partitions: readonly TopicPartition[]) => {
      logEvent('partitions_revoked', { partitions: placesOf(partitions) });
    },
  };
  const options = { ...plan.options, listener } as unknown as ConsumerOptions;
  const consumer = asUsage(() => new Consumer<Bytes, Bytes>({ ...options, topics: [] }));
  ending.signal.addEventListener('abort', () => logEvent('shutdown_requested'), { once: true });
  logEvent('startup_complete');
  try {
    consumer.subscribe([plan.topic]);
    await follow(consumer, plan, ending);
  } catch (thrown) {
    remark(`millrace: it ends: ${toKafkaError(thrown).message}`);
  } finally {
    await consumer.close();
    logEvent('shutdown_complete');
  }
  return 0;
}

async function follow(consumer: Consumer<Bytes, Bytes>, plan: Plan, ending: Ending): Promise<void> {
  let left = plan.maxMessages < 0 ? Number.POSITIVE_INFINITY : plan.maxMessages;
  if (left === 0) return;
  for await (const batch of consumer.batches({ signal: ending.signal })) {
    const count = Math.min(batch.length, left);
    report(batch, count, plan.isVerbose);
    left -= count;
    if (!plan.autoCommits || left === 0) await commit(consumer, batch, count);
    if (left === 0) return;
  }
}

function report(batch: TextBatch, count: number, isVerbose: boolean): void {
  const { topic, partition } = batch;
  if (isVerbose) {
    for (let i = 0; i < count; i++) {
      const [key, value] = [textOf(batch.keyBytes(i)), textOf(batch.valueBytes(i))];
      logEvent('record_data', { key, value, topic, partition, offset: batch.offset(i) });
    }
  }
  const [minOffset, maxOffset] = [batch.firstOffset, batch.offset(count - 1)];
  const partitions = [{ topic, partition, count, minOffset, maxOffset }];
  logEvent('records_consumed', { count, partitions });
}

async function commit(
  consumer: Consumer<Bytes, Bytes>,
  batch: TextBatch,
  count: number,
): Promise<void> {
  const { topic, partition } = batch;
  const offsets = [{ topic, partition, offset: batch.offset(count - 1) + 1 }];
  try {
    await consumer.commit(offsets);
    logEvent('offsets_committed', { offsets, success: true });
  } catch (thrown) {
    if (isKafkaError(thrown, 'FENCED_INSTANCE_ID')) throw thrown;
    const { message: error } = toKafkaError(thrown);
    logEvent('offsets_committed', { offsets, error, success: false });
  }
}

/** Topic and number only: a group of KIP-848 knows the topic's id as well. */
function placesOf(partitions: readonly TopicPartition[]): TopicPartition[] {
  return partitions.map(({ topic, partition }) => ({ topic, partition }));
}

function textOf(bytes: Bytes): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

function planOf(given: CommandArguments): Plan {
  const topic = given.text('topic');
  const groupId = given.text('group-id');
  if (topic === undefined || groupId === undefined) {
    throw new UsageError('verifiable-consumer: it needs --topic and --group-id');
  }
  const options = clientConfig(given, CONSUMER_DEFAULTS);
  const groupProtocol = (given.text('group-protocol') ?? 'classic').toLowerCase();
  const autoCommits = given.has('enable-autocommit');
  Object.assign(options, {
    groupId,
    groupProtocol,
    enableAutoCommit: autoCommits,
    autoOffsetReset: given.text('reset-policy') ?? 'earliest',
    groupInstanceId: given.text('group-instance-id') ?? null,
  });
  const session = given.integer('session-timeout', 1);
  if (session !== undefined) options.sessionTimeoutMs = session;
  if (groupProtocol === 'consumer') {
    options.groupRemoteAssignor = given.text('group-remote-assignor') ?? null;
    delete options.partitionAssignmentStrategy;
  } else {
    options.partitionAssignmentStrategy = assignorsOf(given.text('assignment-strategy') ?? 'range');
  }
  return {
    topic,
    maxMessages: given.integer('max-messages') ?? -1,
    isVerbose: given.has('verbose'),
    autoCommits,
    options,
  };
}

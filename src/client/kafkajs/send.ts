import { CODEC_NAMES } from '../../records/codec-ids.ts';
import type { RecordMetadata as Receipt } from '../producer/batch-outcome.ts';
import type { Producer } from '../producer/producer.ts';
import type { HeaderValue, RecordHeaders } from '../producer/record-headers.ts';
import type { Serde } from '../serde/serde.ts';
import type { Topic } from '../serde/topic.ts';
import type { FacadeCluster } from './cluster.ts';
import { KafkaJSMetadataNotLoaded, KafkaJSNonRetriableError } from './errors.ts';
import { facadeError } from './protocol-error.ts';
import type {
  IHeaders,
  Message,
  PartitionerArgs,
  ProducerBatch,
  RecordMetadata,
  TopicMessages,
} from './types.ts';

type Part = Buffer | string | null;

/** Keys and values are text, bytes or null, whatever their types said. */
const PLAIN: Serde<Part> = {
  isIdentity: true,
  serialize: (part) => part,
  deserialize: (bytes) => Buffer.from(bytes),
};

function plainTopic(name: string): Topic<Part, Part> {
  return { name, key: PLAIN, value: PLAIN };
}

/** Throws what is wrong with a call before anything is sent. */
export function checkBatch(
  { acks = -1, topicMessages = [] }: ProducerBatch,
  isIdempotent: boolean,
) {
  if (topicMessages.some(({ topic }) => !topic)) {
    throw new KafkaJSNonRetriableError('Invalid topic');
  }
  if (isIdempotent && acks !== -1) {
    const what = 'Not requiring ack for all messages invalidates';
    throw new KafkaJSNonRetriableError(`${what} the idempotent producer's EoS guarantees`);
  }
  for (const { topic, messages } of topicMessages) {
    if (!messages) {
      const what = `Invalid messages array [${messages}] for topic "${topic}"`;
      throw new KafkaJSNonRetriableError(what);
    }
    const without = messages.find(({ value }) => value === undefined);
    if (without === undefined) continue;
    const what = `Invalid message without value for topic "${topic}"`;
    throw new KafkaJSNonRetriableError(`${what}: ${JSON.stringify(without)}`);
  }
}

/** The name of a codec by its number. */
export function codecName(compression: number | undefined) {
  const name = CODEC_NAMES[compression ?? 0];
  if (name !== undefined) return name;
  throw new KafkaJSNonRetriableError(`Unknown compression type ${compression}`);
}

interface Sending {
  readonly cluster: FacadeCluster;
  readonly producer: Producer;
  readonly partitioner: (args: PartitionerArgs) => number;
  readonly needsAnswer: boolean;
}

/** Sends the messages of a call, each to the partition that the partitioner chose. */
export async function sendMessages(
  { cluster, producer, partitioner, needsAnswer }: Sending,
  topicMessages: readonly TopicMessages[],
): Promise<RecordMetadata[]> {
  await cluster.addMultipleTargetTopics(topicMessages.map(({ topic }) => topic));
  const receipts: PromiseLike<Receipt>[] = [];
  for (const { topic, messages } of topicMessages) {
    const partitionMetadata = cluster.findTopicPartitionMetadata(topic);
    if (partitionMetadata.length === 0) {
      throw new KafkaJSMetadataNotLoaded('Producing to topic without metadata');
    }
    const to = plainTopic(topic);
    for (const message of messages) {
      const partition = Number(partitioner({ topic, partitionMetadata, message }));
      receipts.push(producer.send(to, { ...recordOf(message), partition }));
    }
  }
  const settled = await Promise.allSettled(receipts);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw facadeError(failed.reason);
  if (!needsAnswer) return [];
  return answersOf(settled.map((each) => (each as PromiseFulfilledResult<Receipt>).value));
}

function recordOf({ key, value, headers, timestamp }: Message) {
  return {
    key: key ?? null,
    value,
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...(timestamp === undefined ? {} : { timestamp: Number(timestamp) }),
  };
}

/** A header with a list of values goes out once for each of them. */
function headersOf(headers: IHeaders): RecordHeaders {
  const pairs: [string, HeaderValue][] = [];
  for (const [name, value] of Object.entries(headers)) {
    for (const each of Array.isArray(value) ? value : [value]) pairs.push([name, each ?? null]);
  }
  return pairs;
}

/** One answer for each partition, with the first offset of this call's own messages. */
function answersOf(receipts: readonly Receipt[]): RecordMetadata[] {
  const first = new Map<string, Receipt>();
  for (const receipt of receipts) {
    const name = `${receipt.topic}/${receipt.partition}`;
    const known = first.get(name);
    if (known === undefined || receipt.offset < known.offset) first.set(name, receipt);
  }
  return Array.from(first.values(), ({ topic, partition, offset, timestamp, logStartOffset }) => ({
    topicName: topic,
    partition,
    errorCode: 0,
    baseOffset: String(offset),
    logAppendTime: String(timestamp),
    logStartOffset: String(logStartOffset),
  }));
}

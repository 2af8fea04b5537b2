import type { Producer } from '../producer/producer.ts';
import { KafkaJSNonRetriableError } from './errors.ts';
import { translated } from './protocol-error.ts';
import { checkBatch } from './send.ts';
import type {
  Offsets,
  ProducerBatch,
  ProducerRecord,
  RecordMetadata,
  TopicMessages,
  Transaction,
} from './types.ts';

export interface TransactionHost {
  producerOf(compression: number | undefined): Promise<Producer>;
  requireConnected(): void;
  send(producer: Producer, topicMessages: readonly TopicMessages[]): Promise<RecordMetadata[]>;
}

/** One transaction. What it is asked after its end is an error. */
export class FacadeTransaction implements Transaction {
  readonly #host: TransactionHost;
  #producer: Producer | null = null;
  #chosen: Promise<Producer> | null = null;
  #hasBegun = false;
  #hasEnded = false;

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  async begin(): Promise<void> {
    this.#hasBegun = true;
    try {
      this.#producer = await this.#host.producerOf(undefined);
      await this.#producer.beginTransaction();
    } catch (thrown) {
      this.#hasEnded = true;
      throw thrown;
    }
  }

  readonly isActive = (): boolean => this.#hasBegun && !this.#hasEnded;

  send = async (record: ProducerRecord): Promise<RecordMetadata[]> => {
    this.#requireActive();
    const { topic, messages, ...options } = record;
    return this.sendBatch({ ...options, topicMessages: [{ topic, messages }] });
  };

  sendBatch = async (batch: ProducerBatch): Promise<RecordMetadata[]> => {
    this.#requireActive();
    checkBatch(batch, true);
    this.#host.requireConnected();
    const { compression, topicMessages = [] } = batch;
    return this.#host.send(await this.#producerFor(compression), topicMessages);
  };

  sendOffsets = async (offsets: Offsets & { consumerGroupId: string }): Promise<void> => {
    this.#requireActive();
    const { consumerGroupId: groupId, topics } = offsets;
    if (!groupId) throw new KafkaJSNonRetriableError('Missing consumerGroupId');
    if (!topics) throw new KafkaJSNonRetriableError('Missing offset topics');
    const list = topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset, metadata = null }) => {
        // Programs take numbers of partitions from the keys of objects, so they may be text.
        return { topic, partition: Number(partition), offset: Number(offset), metadata };
      }),
    );
    const producer = await this.#producerFor(undefined);
    await translated(() => producer.sendOffsetsToTransaction(list, { groupId }));
  };

  commit = async (): Promise<void> => {
    this.#requireActive();
    await translated(() => this.#producer!.commitTransaction());
    this.#hasEnded = true;
  };

  abort = async (): Promise<void> => {
    this.#requireActive();
    await translated(() => this.#producer!.abortTransaction());
    this.#hasEnded = true;
  };

  /** The codec of the first call is that of the whole transaction. */
  #producerFor(compression: number | undefined): Promise<Producer> {
    this.#chosen ??= this.#choose(compression);
    return this.#chosen;
  }

  async #choose(compression: number | undefined): Promise<Producer> {
    if (compression !== undefined && compression !== 0) {
      await translated(async () => {
        await this.#producer!.abortTransaction();
        this.#producer = await this.#host.producerOf(compression);
        await this.#producer.beginTransaction();
      });
    }
    return this.#producer!;
  }

  #requireActive(): void {
    if (this.isActive()) return;
    throw new KafkaJSNonRetriableError('Cannot continue to use transaction once ended');
  }
}

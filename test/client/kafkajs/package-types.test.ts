import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-kafkajs-types-'));
const modules = join(folder, 'node_modules');

/** As NestJS's transport and its users say what KafkaJS is to them. */
const PROGRAM = `
import kafkajs = require('kafkajs');
import {
  type Admin, AssignerProtocol, CompressionTypes, type Consumer, type ConsumerConfig,
  type ConsumerCrashEvent, type ConsumerEvents, type ConsumerRunConfig,
  type ConsumerSubscribeTopics, type EachBatchPayload, type EachMessagePayload, Kafka,
  type KafkaConfig, KafkaJSError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError,
  type KafkaMessage, type LogEntry, logLevel, type Message, type PartitionAssigner, Partitioners,
  PartitionAssigners, type Producer, type ProducerConfig, type ProducerRecord,
  type RecordMetadata, type RequestEvent, type TopicPartitionOffsetAndMetadata,
} from 'kafkajs';

class ServerKafka {
  protected client: Kafka | null = null;
  protected consumer: Consumer | null = null;
  protected producer: Producer | null = null;
  protected admin: Admin | null = null;

  constructor(
    private readonly options: {
      client?: KafkaConfig;
      consumer?: ConsumerConfig;
      producer?: ProducerConfig;
      run?: Omit<ConsumerRunConfig, 'eachBatch' | 'eachMessage'>;
      subscribe?: Omit<ConsumerSubscribeTopics, 'topics'>;
      send?: Omit<ProducerRecord, 'topic' | 'messages'>;
    },
  ) {}

  async listen(): Promise<void> {
    const logCreator = () => ({ namespace, label, log }: LogEntry) => {
      console.log(namespace, label, log.message, log.error);
    };
    const { client, consumer, producer, run, subscribe } = this.options;
    this.client = new kafkajs.Kafka({ brokers: [], logLevel: logLevel.INFO, logCreator, ...client });
    this.consumer = this.client.consumer({
      groupId: 'app',
      partitionAssigners: [PartitionAssigners.roundRobin, reader],
      ...consumer,
    });
    this.producer = this.client.producer({
      createPartitioner: Partitioners.LegacyPartitioner,
      ...producer,
    });
    this.admin = this.client.admin();
    const { CRASH }: ConsumerEvents = this.consumer.events;
    const off: () => void = this.consumer.on(CRASH, ({ payload }: ConsumerCrashEvent) => {
      if (payload.error instanceof KafkaJSNumberOfRetriesExceeded) payload.error.retryCount++;
    });
    this.producer.on(this.producer.events.REQUEST, ({ payload }: RequestEvent) => payload.size);
    await this.consumer.subscribe({ ...subscribe, topics: ['a', /b/] });
    await this.consumer.run({ ...run, eachMessage: (payload) => this.handle(payload) });
    off();
  }

  async handle({ topic, partition, message, heartbeat }: EachMessagePayload): Promise<void> {
    const { headers, value, key, offset }: KafkaMessage = message;
    const correlation = headers?.['kafka_correlationId']?.toString();
    const answer: Message = { key, value: value?.toString() ?? null, headers: { correlation } };
    const record: ProducerRecord = { topic: 'reply', messages: [answer], acks: -1 };
    record.compression = CompressionTypes.GZIP;
    const sent: RecordMetadata[] = await this.producer!.send(record);
    await heartbeat();
    const next: TopicPartitionOffsetAndMetadata = { topic, partition, offset, metadata: null };
    await this.consumer!.commitOffsets([next]);
    console.log(sent[0]!.baseOffset);
  }

  async batch({ batch, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    for (const { offset } of batch.messages) if (!isStale()) resolveOffset(offset);
  }
}

const reader: PartitionAssigner = ({ cluster }) => ({
  name: 'Reader',
  version: 1,
  protocol: ({ topics }) => ({
    name: 'Reader',
    metadata: AssignerProtocol.MemberMetadata.encode({
      version: 1, topics, userData: Buffer.alloc(0),
    }),
  }),
  assign: async ({ members, topics }) => members.map(({ memberId }) => ({
    memberId,
    memberAssignment: AssignerProtocol.MemberAssignment.encode({
      version: 1,
      assignment: { [topics[0]!]: cluster.findTopicPartitionMetadata(topics[0]!).map((each) => each.partitionId) },
      userData: Buffer.alloc(0),
    }),
  })),
});

const failed: KafkaJSError = new KafkaJSProtocolError(new Error('no'));
console.log(failed.retriable, new ServerKafka({}).listen);
`;

function compiled(program: string): string {
  writeFileSync(join(folder, 'program.ts'), program);
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout;
}

beforeAll(() => {
  const made = spawnSync(process.execPath, ['src/kafkajs-package.mjs'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  });
  expect(made.stderr).toBe('');
  mkdirSync(modules);
  cpSync(join(REPOSITORY, 'dist', 'kafkajs-package'), join(modules, 'kafkajs'), {
    recursive: true,
  });
  symlinkSync(join(REPOSITORY, 'node_modules', '@types'), join(modules, '@types'), 'junction');
  const compilerOptions = {
    module: 'node16',
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
  };
  const tsconfig = { compilerOptions, files: ['program.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

it('lets a TypeScript program of KafkaJS compile against the aliased package', () => {
  expect(compiled(PROGRAM)).toBe('');
}, 60_000);

it('does not let wrong calls compile', () => {
  const wrong = `
    import { Kafka } from 'kafkajs';
    const kafka = new Kafka({ brokers: ['a:1'] });
    kafka.producer().send({ topic: 't', messages: [{ value: 5 }] });
    kafka.consumer({});
    kafka.admin().alterConfigs({ resources: [{ type: 3, name: 't', configEntries: [] }] });
  `;
  const errors = compiled(wrong).match(/program\.ts\(\d+/g) ?? [];
  expect(new Set(errors).size).toBe(3);
}, 60_000);

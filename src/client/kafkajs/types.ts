import type { Socket } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { CompressionTypes, logLevel } from './constants.ts';

export interface LoggerEntryContent {
  readonly timestamp: string;
  readonly message: string;
  // biome-ignore lint/suspicious/noExplicitAny: an entry carries whatever its writer adds
  readonly [key: string]: any;
}

export interface LogEntry {
  namespace: string;
  level: logLevel;
  label: string;
  log: LoggerEntryContent;
}

export type logCreator = (level: logLevel) => (entry: LogEntry) => void;

export interface Logger {
  info(message: string, extra?: object): void;
  error(message: string, extra?: object): void;
  warn(message: string, extra?: object): void;
  debug(message: string, extra?: object): void;
  namespace(namespace: string, level?: logLevel): Logger;
  setLogLevel(level: logLevel): void;
}

export interface RetryOptions {
  maxRetryTime?: number | undefined;
  initialRetryTime?: number | undefined;
  factor?: number | undefined;
  multiplier?: number | undefined;
  retries?: number | undefined;
  restartOnFailure?: ((error: Error) => Promise<boolean>) | undefined;
}

export type BrokersFunction = () => string[] | Promise<string[]>;

export interface Authenticator {
  authenticate(): Promise<void>;
}

export interface SaslAuthenticateArgs<T> {
  request: { encode(): Buffer | Promise<Buffer> };
  response?: {
    decode(rawResponse: Buffer): Buffer | Promise<Buffer>;
    parse(data: Buffer): T;
  };
}

export interface AuthenticationProviderArgs {
  host: string;
  port: number;
  logger: Logger;
  saslAuthenticate<T>(args: SaslAuthenticateArgs<T>): Promise<T | undefined>;
}

/** A way to authenticate that the client does not know. */
export interface Mechanism {
  mechanism: string;
  authenticationProvider(args: AuthenticationProviderArgs): Authenticator;
}

export interface OauthbearerProviderResponse {
  value: string;
}

export type SASLOptions =
  | {
      mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      username: string;
      password: string;
    }
  | { mechanism: 'oauthbearer'; oauthBearerProvider(): Promise<OauthbearerProviderResponse> }
  | {
      mechanism: 'aws';
      authorizationIdentity: string;
      accessKeyId: string;
      secretAccessKey: string;
      sessionToken?: string;
    };

export type SASLMechanism = SASLOptions['mechanism'];

export interface ISocketFactoryArgs {
  host: string;
  port: number;
  ssl: TlsOptions | undefined;
  onConnect(): void;
}

export type ISocketFactory = (args: ISocketFactoryArgs) => Socket;

export interface KafkaConfig {
  brokers: string[] | BrokersFunction;
  ssl?: TlsOptions | boolean;
  sasl?: SASLOptions | Mechanism;
  clientId?: string;
  connectionTimeout?: number;
  authenticationTimeout?: number;
  reauthenticationThreshold?: number;
  requestTimeout?: number;
  enforceRequestTimeout?: boolean;
  retry?: RetryOptions;
  socketFactory?: ISocketFactory;
  logLevel?: logLevel;
  logCreator?: logCreator;
}

export interface IHeaders {
  [key: string]: Buffer | string | (Buffer | string)[] | undefined;
}

export interface Message {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  partition?: number;
  headers?: IHeaders;
  timestamp?: string;
}

export interface PartitionMetadata {
  partitionErrorCode: number;
  partitionId: number;
  leader: number;
  replicas: number[];
  isr: number[];
  offlineReplicas?: number[];
}

export interface PartitionerArgs {
  topic: string;
  partitionMetadata: PartitionMetadata[];
  message: Message;
}

export type ICustomPartitioner = () => (args: PartitionerArgs) => number;

export interface ProducerConfig {
  createPartitioner?: ICustomPartitioner;
  retry?: RetryOptions;
  metadataMaxAge?: number;
  allowAutoTopicCreation?: boolean;
  idempotent?: boolean;
  transactionalId?: string;
  transactionTimeout?: number;
  maxInFlightRequests?: number;
}

export interface TopicMessages {
  topic: string;
  messages: Message[];
}

export interface ProducerRecord extends TopicMessages {
  acks?: number;
  timeout?: number;
  compression?: CompressionTypes;
}

export interface ProducerBatch {
  acks?: number;
  timeout?: number;
  compression?: CompressionTypes;
  topicMessages?: TopicMessages[];
}

export interface RecordMetadata {
  topicName: string;
  partition: number;
  errorCode: number;
  offset?: string;
  timestamp?: string;
  baseOffset?: string;
  logAppendTime?: string;
  logStartOffset?: string;
}

export interface PartitionOffset {
  partition: number;
  offset: string;
  metadata?: string | null;
}

export type SeekEntry = PartitionOffset;

export interface TopicOffsets {
  topic: string;
  partitions: PartitionOffset[];
}

export interface Offsets {
  topics: TopicOffsets[];
}

export type OffsetsByTopicPartition = Offsets;

interface Sender {
  send(record: ProducerRecord): Promise<RecordMetadata[]>;
  sendBatch(batch: ProducerBatch): Promise<RecordMetadata[]>;
}

export interface InstrumentationEvent<T> {
  id: number;
  type: string;
  timestamp: number;
  payload: T;
}

/** Returns how to end it. */
export type On = (
  eventName: string,
  // biome-ignore lint/suspicious/noExplicitAny: each event has a payload of its own
  listener: (event: InstrumentationEvent<any>) => unknown,
) => () => void;

export interface Transaction extends Sender {
  sendOffsets(offsets: Offsets & { consumerGroupId: string }): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  isActive(): boolean;
}

export interface Producer extends Sender {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isIdempotent(): boolean;
  transaction(): Promise<Transaction>;
  readonly events: typeof import('./events.ts').PRODUCER_EVENTS;
  on: On;
  logger(): Logger;
}

export interface BrokerMetadata {
  brokers: { nodeId: number; host: string; port: number; rack?: string | null }[];
  topicMetadata: {
    topicErrorCode: number;
    topic: string;
    partitionMetadata: PartitionMetadata[];
  }[];
  clusterId: string | null;
  controllerId: number;
}

/** What partition assigners may ask of the cluster. */
export interface Cluster {
  getNodeIds(): number[];
  isConnected(): boolean;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  metadata(options?: { topics?: string[] }): Promise<BrokerMetadata>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): PartitionMetadata[];
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
}

export interface Assignment {
  [topic: string]: number[];
}

export interface MemberMetadata {
  version: number;
  topics: string[];
  userData: Buffer;
}

export interface MemberAssignment {
  version: number;
  assignment: Assignment;
  userData: Buffer;
}

export interface GroupMember {
  memberId: string;
  memberMetadata: Buffer;
}

export interface GroupMemberAssignment {
  memberId: string;
  memberAssignment: Buffer;
}

export interface GroupState {
  name: string;
  metadata: Buffer;
}

export interface Assigner {
  name: string;
  version: number;
  assign(group: {
    members: GroupMember[];
    topics: string[];
  }): Promise<GroupMemberAssignment[]> | GroupMemberAssignment[];
  protocol(subscription: { topics: string[] }): GroupState;
}

export type PartitionAssigner = (config: {
  cluster: Cluster;
  groupId: string;
  logger: Logger;
}) => Assigner;

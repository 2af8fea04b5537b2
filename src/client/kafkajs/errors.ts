/** The errors of KafkaJS 2.2.4, under its names and with its properties. */

import type { PartitionMetadata } from './types.ts';

type Thrown = string | Error | { readonly message?: string; readonly [key: string]: unknown };

const ISSUE_URL = 'https://github.com/tulios/kafkajs/issues';

function textOf(e: unknown): string {
  const message = (e as { message?: unknown } | null)?.message;
  return typeof message === 'string' && message !== '' ? message : String(e);
}

function propertyOf(e: unknown, name: string): unknown {
  return (e as Record<string, unknown> | null)?.[name];
}

export class KafkaJSError extends Error {
  /** Whether another attempt may succeed. */
  retriable: boolean;
  helpUrl: string | undefined;
  override cause: unknown;

  constructor(e: unknown, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(textOf(e));
    this.name = 'KafkaJSError';
    this.retriable = options.retriable ?? true;
    this.helpUrl = propertyOf(e, 'helpUrl') as string | undefined;
    this.cause = options.cause;
  }

  /** As KafkaJS 1 named the cause. */
  get originalError(): unknown {
    return this.cause;
  }
}

export class KafkaJSNonRetriableError extends KafkaJSError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, { retriable: false, cause: options.cause });
    this.name = 'KafkaJSNonRetriableError';
  }
}

/** A broker answered with an error: `type` is its name, `code` its number. */
export class KafkaJSProtocolError extends KafkaJSError {
  type: string;
  code: number;

  constructor(e: Thrown, options: { retriable?: boolean } = {}) {
    super(e, { retriable: options.retriable ?? (propertyOf(e, 'retriable') as boolean) ?? true });
    this.type = propertyOf(e, 'type') as string;
    this.code = propertyOf(e, 'code') as number;
    this.name = 'KafkaJSProtocolError';
  }
}

export class KafkaJSOffsetOutOfRange extends KafkaJSProtocolError {
  topic: string;
  partition: number;

  constructor(e: Thrown, at: { topic: string; partition: number }) {
    super(e);
    this.topic = at.topic;
    this.partition = at.partition;
    this.name = 'KafkaJSOffsetOutOfRange';
  }
}

export class KafkaJSMemberIdRequired extends KafkaJSProtocolError {
  memberId: string;

  constructor(e: Thrown, options: { memberId: string }) {
    super(e);
    this.memberId = options.memberId;
    this.name = 'KafkaJSMemberIdRequired';
  }
}

export class KafkaJSNumberOfRetriesExceeded extends KafkaJSNonRetriableError {
  retryCount: number;
  retryTime: number;

  constructor(e: unknown, options: { retryCount: number; retryTime: number }) {
    super(e, { cause: e });
    this.stack = `${this.name}\n  Caused by: ${String(propertyOf(e, 'stack'))}`;
    this.retryCount = options.retryCount;
    this.retryTime = options.retryTime;
    this.name = 'KafkaJSNumberOfRetriesExceeded';
  }
}

export class KafkaJSConnectionError extends KafkaJSError {
  broker: string | undefined;
  code: string | undefined;

  constructor(
    e: unknown,
    options: { broker?: string | undefined; code?: string | undefined } = {},
  ) {
    super(e);
    this.broker = options.broker;
    this.code = options.code;
    this.name = 'KafkaJSConnectionError';
  }
}

export class KafkaJSConnectionClosedError extends KafkaJSConnectionError {
  host: string | undefined;
  port: number | undefined;

  constructor(e: unknown, options: { host?: string; port?: number } = {}) {
    super(e, { broker: `${options.host}:${options.port}` });
    this.host = options.host;
    this.port = options.port;
    this.name = 'KafkaJSConnectionClosedError';
  }
}

interface RequestTimes {
  readonly broker?: string;
  readonly clientId?: string;
  readonly correlationId?: number;
  readonly createdAt?: number;
  readonly sentAt?: number;
  readonly pendingDuration?: number;
}

export class KafkaJSRequestTimeoutError extends KafkaJSError {
  broker: string | undefined;
  clientId: string | undefined;
  correlationId: number | undefined;
  createdAt: number | undefined;
  sentAt: number | undefined;
  pendingDuration: number | undefined;

  constructor(e: unknown, times: RequestTimes = {}) {
    super(e);
    this.broker = times.broker;
    this.clientId = times.clientId;
    this.correlationId = times.correlationId;
    this.createdAt = times.createdAt;
    this.sentAt = times.sentAt;
    this.pendingDuration = times.pendingDuration;
    this.name = 'KafkaJSRequestTimeoutError';
  }
}

export class KafkaJSMetadataNotLoaded extends KafkaJSError {
  constructor(e: unknown, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSMetadataNotLoaded';
  }
}

export class KafkaJSTopicMetadataNotLoaded extends KafkaJSMetadataNotLoaded {
  topic: string | undefined;

  constructor(e: unknown, options: { topic?: string } = {}) {
    super(e);
    this.topic = options.topic;
    this.name = 'KafkaJSTopicMetadataNotLoaded';
  }
}

export class KafkaJSStaleTopicMetadataAssignment extends KafkaJSError {
  topic: string | undefined;
  unknownPartitions: readonly PartitionMetadata[] | undefined;

  constructor(
    e: unknown,
    options: { topic?: string; unknownPartitions?: PartitionMetadata[] } = {},
  ) {
    super(e);
    this.topic = options.topic;
    this.unknownPartitions = options.unknownPartitions;
    this.name = 'KafkaJSStaleTopicMetadataAssignment';
  }
}

export interface FailedGroup {
  readonly groupId: string;
  readonly errorCode: number;
  readonly error: KafkaJSError;
}

export class KafkaJSDeleteGroupsError extends KafkaJSError {
  groups: readonly FailedGroup[];

  constructor(e: unknown, groups: readonly FailedGroup[] = []) {
    super(e);
    this.groups = groups;
    this.name = 'KafkaJSDeleteGroupsError';
  }
}

export class KafkaJSServerDoesNotSupportApiKey extends KafkaJSNonRetriableError {
  apiKey: number | undefined;
  apiName: string | undefined;

  constructor(e: unknown, options: { apiKey?: number; apiName?: string } = {}) {
    super(e);
    this.apiKey = options.apiKey;
    this.apiName = options.apiName;
    this.name = 'KafkaJSServerDoesNotSupportApiKey';
  }
}

export class KafkaJSBrokerNotFound extends KafkaJSError {
  constructor(e: unknown, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSBrokerNotFound';
  }
}

export class KafkaJSPartialMessageError extends KafkaJSNonRetriableError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSPartialMessageError';
  }
}

export class KafkaJSSASLAuthenticationError extends KafkaJSNonRetriableError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSSASLAuthenticationError';
  }
}

export class KafkaJSGroupCoordinatorNotFound extends KafkaJSNonRetriableError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSGroupCoordinatorNotFound';
  }
}

export class KafkaJSNotImplemented extends KafkaJSNonRetriableError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSNotImplemented';
  }
}

export class KafkaJSTimeout extends KafkaJSNonRetriableError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSTimeout';
  }
}

export class KafkaJSLockTimeout extends KafkaJSTimeout {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSLockTimeout';
  }
}

export class KafkaJSUnsupportedMagicByteInMessageSet extends KafkaJSNonRetriableError {
  constructor(e: unknown, options: { cause?: unknown } = {}) {
    super(e, options);
    this.name = 'KafkaJSUnsupportedMagicByteInMessageSet';
  }
}

export interface FailedPartition {
  readonly partition: number;
  readonly offset: string;
  readonly error: KafkaJSError | null;
}

/** Retriable where all of its errors are. */
export class KafkaJSDeleteTopicRecordsError extends KafkaJSError {
  partitions: readonly FailedPartition[];

  constructor({ partitions }: { topic?: string; partitions: readonly FailedPartition[] }) {
    const retriable = partitions.every(({ error }) => error === null || error.retriable);
    super('Error while deleting records', { retriable });
    this.partitions = partitions;
    this.name = 'KafkaJSDeleteTopicRecordsError';
  }
}

export class KafkaJSInvariantViolation extends KafkaJSNonRetriableError {
  constructor(e: unknown) {
    const message = textOf(e);
    super(`Invariant violated: ${message}. This is likely a bug and should be reported.`);
    const title = encodeURIComponent(`Invariant violation: ${message}`);
    const query = `assignees=&labels=bug&template=bug_report.md&title=${title}`;
    this.helpUrl = `${ISSUE_URL}/new?${query}`;
    this.name = 'KafkaJSInvariantViolation';
  }
}

/** KafkaJS gives this class and the next the name of their parent. */
export class KafkaJSInvalidVarIntError extends KafkaJSNonRetriableError {}

export class KafkaJSInvalidLongError extends KafkaJSNonRetriableError {}

export class KafkaJSCreateTopicError extends KafkaJSProtocolError {
  topic: string;

  constructor(e: Thrown, topic: string) {
    super(e);
    this.topic = topic;
    this.name = 'KafkaJSCreateTopicError';
  }
}

export class KafkaJSAlterPartitionReassignmentsError extends KafkaJSProtocolError {
  topic: string | undefined;
  partition: number | undefined;

  constructor(e: Thrown, topic?: string, partition?: number) {
    super(e);
    this.topic = topic;
    this.partition = partition;
    this.name = 'KafkaJSAlterPartitionReassignmentsError';
  }
}

export class KafkaJSAggregateError extends Error {
  errors: readonly (Error | string)[];

  constructor(message: string, errors: readonly (Error | string)[]) {
    super(message);
    this.errors = errors;
    this.name = 'KafkaJSAggregateError';
  }
}

export class KafkaJSFetcherRebalanceError extends Error {}

export class KafkaJSNoBrokerAvailableError extends KafkaJSError {
  constructor() {
    super('No broker available');
    this.name = 'KafkaJSNoBrokerAvailableError';
  }
}

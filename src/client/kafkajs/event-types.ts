import type { ADMIN_EVENTS, CONSUMER_EVENTS, PRODUCER_EVENTS } from './events.ts';
import type { Assignment, InstrumentationEvent, TopicOffsets } from './types.ts';

export type ProducerEvents = typeof PRODUCER_EVENTS;
export type ConsumerEvents = typeof CONSUMER_EVENTS;
export type AdminEvents = typeof ADMIN_EVENTS;

export type ConnectEvent = InstrumentationEvent<null>;
export type DisconnectEvent = InstrumentationEvent<null>;

interface RequestOfEvent {
  apiKey: number;
  apiName: string;
  apiVersion: number;
  broker: string;
  clientId: string;
  correlationId: number;
  createdAt: number;
  pendingDuration: number;
  sentAt: number;
}

export type RequestTimeoutEvent = InstrumentationEvent<RequestOfEvent>;
export type RequestEvent = InstrumentationEvent<
  RequestOfEvent & { duration: number; size: number }
>;
export type RequestQueueSizeEvent = InstrumentationEvent<{
  broker: string;
  clientId: string;
  queueSize: number;
}>;

export type ConsumerHeartbeatEvent = InstrumentationEvent<{
  groupId: string;
  memberId: string;
  groupGenerationId: number;
}>;
export type ConsumerCommitOffsetsEvent = InstrumentationEvent<{
  groupId: string;
  memberId: string;
  groupGenerationId: number;
  topics: TopicOffsets[];
}>;

export type IMemberAssignment = Assignment;

export type ConsumerGroupJoinEvent = InstrumentationEvent<{
  duration: number;
  groupId: string;
  isLeader: boolean;
  leaderId: string;
  groupProtocol: string;
  memberId: string;
  memberAssignment: IMemberAssignment;
}>;
export type ConsumerFetchStartEvent = InstrumentationEvent<{ nodeId: number }>;
export type ConsumerFetchEvent = InstrumentationEvent<{
  numberOfBatches: number;
  duration: number;
  nodeId: number;
}>;

interface BatchOfEvent {
  topic: string;
  partition: number;
  highWatermark: string;
  offsetLag: string;
  offsetLagLow: string;
  batchSize: number;
  firstOffset: string;
  lastOffset: string;
}

export type ConsumerStartBatchProcessEvent = InstrumentationEvent<BatchOfEvent>;
export type ConsumerEndBatchProcessEvent = InstrumentationEvent<
  BatchOfEvent & { duration: number }
>;
export type ConsumerCrashEvent = InstrumentationEvent<{
  error: Error;
  groupId: string;
  restart: boolean;
}>;
export type ConsumerRebalancingEvent = InstrumentationEvent<{ groupId: string; memberId: string }>;
/** KafkaJS spells it so. */
export type ConsumerReceivedUnsubcribedTopicsEvent = InstrumentationEvent<{
  groupId: string;
  generationId: number;
  memberId: string;
  assignedTopics: string[];
  topicsSubscribed: string[];
  topicsNotSubscribed: string[];
}>;

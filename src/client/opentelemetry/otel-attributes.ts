import type { OtelAttributes } from './otel-api.ts';

/** The names of the messaging conventions 1.45, with those that they had before beside them. */
const NAMES = {
  system: ['messaging.system.name', 'messaging.system'],
  offset: ['kafka.offset', 'messaging.kafka.offset'],
  key: ['kafka.message.key', 'messaging.kafka.message.key'],
  tombstone: ['kafka.message.tombstone', 'messaging.kafka.message.tombstone'],
} as const;

/** `errorType` is what went wrong by Kafka's name. */
export interface Described {
  readonly operation: 'send' | 'poll' | 'process' | 'commit';
  readonly clientId: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly groupId?: string | null;
  readonly offset?: number;
  readonly key?: unknown;
  readonly isTombstone?: boolean;
  readonly count?: number;
  readonly errorType?: string | undefined;
}

const TYPES = { send: 'send', poll: 'receive', process: 'process', commit: 'settle' } as const;

/** Attributes of spans and metrics. */
export function attributesOf(what: Described, withOldNames: boolean): OtelAttributes {
  const { operation, topic, partition = -1, groupId, offset = -1, key, count } = what;
  const attributes: OtelAttributes = {
    'messaging.operation.name': operation,
    'messaging.operation.type': TYPES[operation],
    'messaging.client.id': what.clientId,
  };
  const set = (names: readonly [string, string], value: string | number | boolean) => {
    attributes[names[0]] = value;
    if (withOldNames) attributes[names[1]] = value;
  };
  set(NAMES.system, 'kafka');
  if (topic !== undefined) attributes['messaging.destination.name'] = topic;
  if (partition >= 0) attributes['messaging.destination.partition.id'] = String(partition);
  if (typeof groupId === 'string') attributes['messaging.consumer.group.name'] = groupId;
  if (offset >= 0) set(NAMES.offset, offset);
  if (typeof key === 'string' || typeof key === 'number') set(NAMES.key, String(key));
  if (what.isTombstone === true) set(NAMES.tombstone, true);
  if (count !== undefined) attributes['messaging.batch.message_count'] = count;
  if (what.errorType !== undefined) attributes['error.type'] = what.errorType;
  return attributes;
}

import type { ApiKey } from '../../../src/protocol/api-keys.ts';

/** What one cell asks about. */
export interface Target {
  /** Of the topic, group, transactional id or user. */
  readonly name: string;
  /** Of the topic; made up where it is not there. */
  readonly topicId: string;
  /** A name that no other cell uses, for what a request needs beside its target. */
  readonly own: string;
  /** Of the token that User:vary-there has. */
  readonly hmac: Buffer;
  readonly version: number;
}

/** What must be made for a cell that asks for something to be taken away or joined. */
export type Fresh = 'topic' | 'group';

/** One request of the table, in each of the versions. */
export interface Asked {
  readonly key: ApiKey;
  readonly versions: readonly number[];
  /** Tells two requests of one API apart. */
  readonly note?: string;
  /** Made anew for the cells in which the target is there. */
  readonly fresh?: Fresh;
  /** The answer tells of everything that is there: there is no target that could be missing. */
  readonly isOfAll?: boolean;
  readonly body: (target: Target) => object;
}

export const PRODUCER = { producerId: 123_456, producerEpoch: 0 };
export const COMMIT = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' };
export const MEMBER = { memberId: 'm', generationId: 1, groupInstanceId: null };

/** A topic by its name, or by its id from this version on. */
export function topicFrom(version: number, { name, topicId, version: at }: Target): object {
  return at >= version ? { topicId } : { name };
}

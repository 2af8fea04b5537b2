import type { TopicConfig } from '../../metadata/config/topic-config.ts';
import type { PartitionMirror } from './partition-mirror.ts';

/** What the front must know of a topic to serve records of it. */
export interface TopicMirror {
  readonly name: string;
  readonly id: string;
  readonly internal: boolean;
  readonly config: TopicConfig;
  /** By partition number. Null where this node holds no replica. */
  readonly partitions: readonly (PartitionMirror | null)[];
  /** The partitions that this node holds, in ascending order. */
  readonly held: readonly PartitionMirror[];
}

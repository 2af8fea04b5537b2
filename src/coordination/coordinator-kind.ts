import type { CoordinatorShard } from './coordinator-shard.ts';
import type { MarkerWrite } from './end-marker.ts';

/** What the runtime must know of one kind of coordinator, such as that of groups. */
export interface CoordinatorKind<Shard extends CoordinatorShard = CoordinatorShard> {
  /** What a shard holds, in the plural, for log lines. */
  readonly holds: string;
  /** The internal topic whose partitions hold the state. */
  readonly topic: string;
  /** The APIs that this kind answers. No API belongs to two kinds. */
  readonly apiKeys: ReadonlySet<number>;

  /** An empty shard, to be loaded; `leaderEpoch` is that of its partition. */
  newShard(leaderEpoch: number): Shard;

  /** Whether a shard keeps bytes of such a request, which therefore must be copied first. */
  keepsBytes(apiKey: number): boolean;

  /** Whether a step for such a request may ask for records. */
  writes(apiKey: number): boolean;

  /** The answer to a request that no shard can take; null where the API is not of this kind. */
  refuse(apiKey: number, version: number, request: object, errorCode: number): object | null;

  /** One answer out of those of all partitions of a worker, for an API that lists what there is. */
  merge(apiKey: number, answers: readonly object[]): object;

  /**
   * Has a marker written that a step asked for, in whichever worker owns that partition.
   * `onWritten` hears 0 or the wire error, in this worker, and never within this call. Only a kind
   * whose shards ask for markers has this method.
   */
  writeMarker?(write: MarkerWrite, onWritten: (errorCode: number) => void): void;
}

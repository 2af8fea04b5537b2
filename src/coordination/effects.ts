import type { MarkerWrite } from './end-marker.ts';

/** A record of a coordinator's log; a null value is a tombstone. */
export interface CoordinatorRecord {
  key: Buffer;
  value: Buffer | null;
}

/** An answer to the request that came in under `ticket`. */
export interface Answer {
  ticket: number;
  body: object;
}

/** Whose transaction the records of a step belong to. */
export interface ProducerStamp {
  producerId: number;
  producerEpoch: number;
}

/**
 * What a step of a coordinator asks of its runtime, in this order:
 *
 * 1. `records` are appended to the coordinator's log as one batch.
 * 2. When they lie under the high watermark, `responses` are sent and `markers` are written.
 *
 * Answers may belong to earlier requests, such as a parked JoinGroup. The runtime may join the
 * effects of several steps. It keeps their order: an answer may tell of what an earlier step wrote.
 * A failed append leaves the state in memory ahead of the log. The runtime then answers every open
 * request with COORDINATOR_NOT_AVAILABLE and loads a new shard.
 *
 * Records with a `producer` are a transactional batch of that producer. They have not taken effect
 * yet: the runtime replays them into the shard once they are appended. Where the log refuses the
 * producer, the runtime answers with that error, and nothing has happened.
 */
export interface Effects {
  records: readonly CoordinatorRecord[];
  responses: readonly Answer[];
  producer: ProducerStamp | null;
  markers: readonly MarkerWrite[];
}

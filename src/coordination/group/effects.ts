/** A record of `__consumer_offsets`; a null value is a tombstone. */
export interface CoordinatorRecord {
  key: Buffer;
  value: Buffer | null;
}

/** An answer for the request that came in under `ticket`. */
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
 * What a step of the coordinator asks of its runtime: append `records` as one batch, and when they
 * are durable send `responses`. Answers may belong to earlier requests (a parked JoinGroup).
 * Effects of several steps may be joined, in order; no answer may overtake the records of an
 * earlier step, since it may tell of them. Where the append fails the state in memory is ahead of
 * the log: the runtime answers COORDINATOR_NOT_AVAILABLE, calls `unload` and loads a new shard.
 *
 * Where `producer` is set the records are a transactional batch of that producer. They have not
 * taken effect: the runtime replays them when they are in the log, and where the log refuses the
 * producer it answers with that error and nothing has happened.
 */
export interface Effects {
  records: CoordinatorRecord[];
  responses: Answer[];
  producer: ProducerStamp | null;
}

/** Where the answer of a parked request goes. A dropped one keeps its place but has ticket -1. */
export interface Parked {
  ticket: number;
  readonly version: number;
}

/** What is known of the connection that a request came over. */
export interface RequestContext {
  clientId: string;
  clientHost: string;
  principal?: string;
}

/**
 * The messages between the front and a partition worker. A partition is named by its slot, a small
 * number that the process gives it at start or creation. `ticket` names what the front is waiting
 * for; NO_TICKET asks for no answer.
 */
export const NO_TICKET = -1;
/** The slot of a COORDINATE that is about all partitions of the worker. */
export const ALL_SLOTS = -1;
/** No partition has this slot. */
export const NO_SLOT = -2;

/**
 * In the place of acks: batches of the leader for its follower, to be kept as they are. The place
 * of the version has the leader epoch that they were asked for in.
 */
export const ACKS_OF_COPY = -2;

export const COMMAND = {
  /** Append one record batch. */
  APPEND: 1,
  /** Rare commands, as JSON: see control.ts. */
  CONTROL: 2,
  /** A request for a coordinator. Its kind follows from the API. */
  COORDINATE: 3,
  /** A sync that the worker asked for has ended. */
  SYNCED: 4,
  /** The payload was too long for the ring and comes through the message port. */
  BLOB: 5,
  /** Append the end of a transaction. It is answered as an APPEND with acks=all. */
  APPEND_MARKER: 6,
} as const;

export const REPLY = {
  /** A partition's new state, and the outcome of an append where ticket is not NO_TICKET. */
  PARTITION: 1,
  /** The answer to a CONTROL, as JSON. */
  CONTROL: 2,
  /** The response bytes of a COORDINATE. */
  COORDINATED: 3,
  /** Asks the front to sync these files, because the worker's thread must not block on a disk. */
  SYNC: 4,
  BLOB: 5,
  /** A change of a partition that the front did not ask for, as JSON: see control.ts. */
  EVENT: 6,
} as const;

/**
 * APPEND          +0 slot  +4 ticket  +8 index of the partition in its request  +12 acks
 *                 +16 produce version  +20 bytes of records  +24 guard of the transaction's
 *                 verification, or 0  +28 records
 */
export const APPEND_WORDS = {
  SLOT: 0,
  TICKET: 1,
  INDEX: 2,
  ACKS: 3,
  VERSION: 4,
  BYTES: 5,
  GUARD: 6,
} as const;
export const APPEND_RECORDS_OFFSET = 28;

/**
 * APPEND_MARKER   +0 slot  +4 ticket  +8 index  +12 producer epoch  +16 coordinator epoch
 *                 +20 1 for commit, 0 for abort  +24 transaction version  +32 producer id, a float
 */
export const MARKER_WORDS = {
  SLOT: 0,
  TICKET: 1,
  INDEX: 2,
  PRODUCER_EPOCH: 3,
  COORDINATOR_EPOCH: 4,
  IS_COMMIT: 5,
  TRANSACTION_VERSION: 6,
} as const;
export const MARKER_DOUBLES = { PRODUCER_ID: 4 } as const;
export const MARKER_BYTES = 40;

/**
 * PARTITION, 32-bit words below and 64-bit floats above:
 *
 *   +0 slot  +4 ticket  +8 index  +12 error code
 *   +16 base offset of the append (-1 if none)       +24 log append time (-1 if create time)
 *   +32 log start offset
 *   +40 log end  +64 high watermark  +88 last stable offset: 24 bytes each, see position-layout.ts
 *   +112 transactions whose abort marker lies in the active segment
 */
export const PARTITION_WORDS = {
  SLOT: 0,
  TICKET: 1,
  INDEX: 2,
  ERROR: 3,
} as const;
export const PARTITION_DOUBLES = {
  BASE_OFFSET: 2,
  APPEND_TIME: 3,
  LOG_START: 4,
  LOG_END: 5,
  HIGH_WATERMARK: 8,
  LAST_STABLE: 11,
  ABORTED: 14,
} as const;
export const PARTITION_BYTES = 120;

/** CONTROL, both ways: +0 ticket  +4 bytes of JSON  +8 JSON. EVENT uses the same with NO_TICKET. */
export const CONTROL_WORDS = { TICKET: 0, BYTES: 1 } as const;
export const CONTROL_JSON_OFFSET = 8;

/**
 * COORDINATE      +0 ticket  +4 slot of the coordinator's partition  +8 api key  +12 api version
 *                 +16 bytes of client id  +20 bytes of client host  +24 bytes of body
 *                 +28 guard of the transaction's verification, or 0
 *                 +32 client id, client host, body
 * COORDINATED     +0 ticket  +4 bytes of body  +8 body
 */
export const COORDINATE_WORDS = {
  TICKET: 0,
  SLOT: 1,
  API_KEY: 2,
  API_VERSION: 3,
  CLIENT_ID_BYTES: 4,
  CLIENT_HOST_BYTES: 5,
  BODY_BYTES: 6,
  GUARD: 7,
} as const;
export const COORDINATE_TEXT_OFFSET = 32;
export const COORDINATED_WORDS = { TICKET: 0, BYTES: 1 } as const;
export const COORDINATED_BODY_OFFSET = 8;

/**
 * SYNC            +0 slot  +4 count of descriptors  +8 bytes of directories
 *                 +12 descriptors, 4 bytes each, then the directories whose entries must be synced
 */
export const SYNC_WORDS = { SLOT: 0, COUNT: 1, DIRECTORY_BYTES: 2, DESCRIPTORS: 3 } as const;
/** SYNCED          +0 slot  +4 errno, 0 if all went well */
export const SYNCED_WORDS = { SLOT: 0, ERRNO: 1 } as const;
/** No path holds a zero byte. */
export const PATH_SEPARATOR = '\0';

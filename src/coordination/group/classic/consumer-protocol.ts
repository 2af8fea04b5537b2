/**
 * What consumers put into the opaque bytes of JoinGroup and SyncGroup. Not flexible, big-endian:
 *
 *   Subscription => version:int16 [topic:string] user_data:nullable_bytes
 *                   v1+ [topic:string [partition:int32]]
 *                   v2+ generation:int32 v3+ rack:nullable_string
 *   Assignment   => version:int16 [topic:string [partition:int32]] user_data:nullable_bytes
 *
 * A reader of version v understands every later version by reading the prefix that it knows.
 */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

const HIGHEST_VERSION = 3;

export interface NamedPartitions {
  topic: string;
  partitions: number[];
}

export interface ConsumerSubscription {
  topics: string[];
  ownedPartitions: NamedPartitions[];
  rackId: string | null;
}

export interface ConsumerAssignment {
  assignedPartitions: NamedPartitions[];
  hasUserData: boolean;
}

class Malformed extends Error {}

/** A cursor that throws `Malformed` before it reads or allocates past the end. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #claim(size: number): number {
    const at = this.#at;
    if (size < 0 || size > this.#bytes.length - at) throw new Malformed();
    this.#at = at + size;
    return at;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#claim(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#claim(4));
  }

  string(): string | null {
    const size = this.int16();
    if (size === -1) return null;
    const at = this.#claim(size);
    return this.#bytes.toString('utf8', at, at + size);
  }

  name(): string {
    const value = this.string();
    if (value === null) throw new Malformed();
    return value;
  }

  /** Skips nullable bytes and gives their length, 0 for null. */
  skipBytes(): number {
    const size = this.int32();
    if (size === -1) return 0;
    this.#claim(size);
    return size;
  }

  /** A count of elements that take at least `minBytes` each. */
  count(minBytes: number): number {
    const count = this.int32();
    if (count < 0 || count > (this.#bytes.length - this.#at) / minBytes) throw new Malformed();
    return count;
  }

  version(): number {
    const version = this.int16();
    if (version < 0) throw new Malformed();
    return Math.min(version, HIGHEST_VERSION);
  }

  names(): string[] {
    const names: string[] = [];
    for (let left = this.count(2); left > 0; left--) names.push(this.name());
    return names;
  }

  topicPartitions(): NamedPartitions[] {
    const topics: NamedPartitions[] = [];
    for (let left = this.count(6); left > 0; left--) {
      const topic = this.name();
      const partitions: number[] = [];
      for (let rest = this.count(4); rest > 0; rest--) partitions.push(this.int32());
      topics.push({ topic, partitions });
    }
    return topics;
  }
}

function orNull<T>(bytes: Buffer, read: (cursor: Cursor) => T): T | null {
  try {
    return read(new Cursor(bytes));
  } catch (thrown) {
    if (thrown instanceof Malformed) return null;
    throw thrown;
  }
}

/** The topics of a subscription, null where the bytes are not one. */
export function subscribedTopicsOf(metadata: Buffer): string[] | null {
  return orNull(metadata, (cursor) => {
    cursor.version();
    return cursor.names();
  });
}

export function readSubscription(metadata: Buffer): ConsumerSubscription | null {
  return orNull(metadata, (cursor) => {
    const version = cursor.version();
    const topics = cursor.names();
    cursor.skipBytes();
    const ownedPartitions = version >= 1 ? cursor.topicPartitions() : [];
    if (version >= 2) cursor.int32();
    const rackId = version >= 3 ? cursor.string() : null;
    return { topics, ownedPartitions, rackId };
  });
}

export function readAssignment(assignment: Buffer): ConsumerAssignment | null {
  return orNull(assignment, (cursor) => {
    cursor.version();
    const assignedPartitions = cursor.topicPartitions();
    return { assignedPartitions, hasUserData: cursor.skipBytes() > 0 };
  });
}

/** The version that bytes announce, null where they hold none that can be read. */
export function consumerProtocolVersionOf(bytes: Buffer): number | null {
  return orNull(bytes, (cursor) => cursor.version());
}

export function writeAssignment(topics: readonly NamedPartitions[], version: number): Buffer {
  let size = 2 + 4 + 4;
  for (const { topic, partitions } of topics) {
    size += 2 + Buffer.byteLength(topic) + 4 + 4 * partitions.length;
  }
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeInt16BE(version, 0);
  at = bytes.writeInt32BE(topics.length, at);
  for (const { topic, partitions } of topics) {
    at = bytes.writeInt16BE(Buffer.byteLength(topic), at);
    at += bytes.write(topic, at);
    at = bytes.writeInt32BE(partitions.length, at);
    for (const partition of partitions) at = bytes.writeInt32BE(partition, at);
  }
  bytes.writeInt32BE(-1, at);
  return bytes;
}

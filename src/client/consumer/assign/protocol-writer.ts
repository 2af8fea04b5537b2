import { byTopic, type TopicPartition } from '../../topic-partition.ts';

/** Writes the opaque bytes of groups: big-endian, not flexible. */
export class ProtocolWriter {
  readonly #parts: Buffer[] = [];

  int16(value: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(value);
    this.#parts.push(bytes);
    return this;
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    this.#parts.push(bytes);
    return this;
  }

  text(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value);
    this.int16(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  bytes(value: Uint8Array | null): this {
    if (value === null) return this.int32(-1);
    this.int32(value.length);
    this.#parts.push(Buffer.from(value));
    return this;
  }

  texts(values: readonly string[]): this {
    this.int32(values.length);
    for (const value of values) this.text(value);
    return this;
  }

  /** `[topic:string [partition:int32]]`, topics as they come first. */
  partitions(partitions: readonly TopicPartition[]): this {
    const topics = byTopic(partitions);
    this.int32(topics.size);
    for (const [topic, list] of topics) {
      this.text(topic).int32(list.length);
      for (const { partition } of list) this.int32(partition);
    }
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

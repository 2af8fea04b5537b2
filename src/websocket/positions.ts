import type { Gap, PartitionPosition } from './messages.ts';

interface Position {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  offset: number;
  epoch: number;
}

export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** The position of each partition of a subscription, from which a reconnect goes on. */
export class Positions {
  readonly #all = new Map<string, Position>();

  /** Sets the positions that the broker tells at the start, or of partitions that join. */
  set(positions: readonly PartitionPosition[]): void {
    for (const { topic, topicId, partition, offset, epoch } of positions) {
      const position = { topic, topicId, partition, offset, epoch };
      this.#all.set(partitionKey(topic, partition), position);
    }
  }

  has({ topic, partition }: PartitionPosition): boolean {
    return this.#all.has(partitionKey(topic, partition));
  }

  delete({ topic, partition }: PartitionPosition): void {
    this.#all.delete(partitionKey(topic, partition));
  }

  clear(): void {
    this.#all.clear();
  }

  advance(topic: string, partition: number, offset: number, epoch: number): void {
    const position = this.#all.get(partitionKey(topic, partition));
    if (position === undefined) return;
    position.offset = offset;
    if (epoch >= 0) position.epoch = epoch;
  }

  skip({ topic, partition, from, to, reason }: Gap): void {
    if (reason === 'deleted') this.#all.delete(partitionKey(topic, partition));
    else if (reason === 'truncation') this.advance(topic, partition, Math.min(from, to), -1);
    else if (to >= 0) this.advance(topic, partition, to, -1);
  }

  list(): PartitionPosition[] {
    return [...this.#all.values()].map((position) => ({ ...position }));
  }
}

/** A token for the application to keep. A later subscription may start from it. */
export function positionToken(positions: readonly PartitionPosition[]): string {
  const rows = positions.map(({ topic, topicId, partition, offset, epoch }) => {
    return [topic, topicId, partition, offset, epoch];
  });
  const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, p: rows }));
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Where each partition of a subscription stands, so that a reconnect goes on from there. */
interface Position {
  readonly topic: string;
  topicId: string;
  readonly partition: number;
  offset: number;
  epoch: number;
}

export interface ServerPosition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  readonly epoch: number;
}

export class Positions {
  readonly #all = new Map<string, Position>();

  /** What the server says at the beginning, or of partitions that join. */
  set(positions: readonly ServerPosition[]): void {
    for (const each of positions) this.#all.set(`${each.topic}/${each.partition}`, { ...each });
  }

  clear(): void {
    this.#all.clear();
  }

  advance(topic: string, partition: number, offset: number, epoch: number): void {
    const position = this.#all.get(`${topic}/${partition}`);
    if (position === undefined) return;
    position.offset = offset;
    position.epoch = epoch;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  list(): ServerPosition[] {
    return [...this.#all.values()].map((position) => ({ ...position }));
  }

  /** Opaque to the application: it may be kept and given to a later subscription. */
  token(): string {
    const places = this.list().map(({ topic, topicId, partition, offset, epoch }) => {
      return [topic, topicId, partition, offset, epoch];
    });
    const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, p: places }));
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }
}

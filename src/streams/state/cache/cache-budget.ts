/**
 * Kafka's `statestore.cache.max.bytes`: what all cached updates of a thread may take together. A
 * store that passes it gives its own updates on.
 */
export class CacheBudget {
  readonly bytesMax: number;
  bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get isExceeded(): boolean {
    return this.bytes > this.bytesMax;
  }
}

import { KafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import type { CoordinatorFinder } from '../metadata/coordinator-finder.ts';
import { LANE } from '../net/lane.ts';
import { type Batch, grouped, type Route, slices } from './route.ts';

/** Each group or transactional id to its coordinator. */
export class CoordinatorRoute implements Route<string> {
  readonly #link: ClusterLink;
  readonly #finder: CoordinatorFinder;
  readonly #limit: number;

  /** `limit`: how many keys the request takes at once. */
  constructor(link: ClusterLink, finder: CoordinatorFinder, limit: number) {
    this.#link = link;
    this.#finder = finder;
    this.#limit = limit;
  }

  async plan(keys: readonly string[], failures: Map<string, unknown>): Promise<Batch<string>[]> {
    const found = await this.#finder.findAll(keys);
    const ids = new Map<string, number>();
    for (const [key, each] of found) {
      if (each instanceof KafkaError) failures.set(key, each);
      else ids.set(key, each);
    }
    const batches: Batch<string>[] = [];
    for (const [id, list] of grouped(ids.keys(), (key) => ids.get(key)!)) {
      const connect = () => this.#link.network.connect(id, LANE.CONTROL);
      batches.push(...slices(list, this.#limit).map((some) => ({ keys: some, connect })));
    }
    return batches;
  }

  forget(key: string): void {
    this.#finder.forget(key);
  }
}

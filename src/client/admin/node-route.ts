import type { ClusterLink } from '../metadata/cluster-link.ts';
import { LANE } from '../net/lane.ts';
import { type Batch, grouped, noSuchBroker, type Route } from './route.ts';

/** Each key to the broker that it names. */
export class NodeRoute<Key> implements Route<Key> {
  readonly #link: ClusterLink;
  readonly #idOf: (key: Key) => number;
  #isStale = false;

  constructor(link: ClusterLink, idOf: (key: Key) => number) {
    this.#link = link;
    this.#idOf = idOf;
  }

  async plan(keys: readonly Key[], failures: Map<Key, unknown>): Promise<Batch<Key>[]> {
    const { metadata, network } = this.#link;
    const ids = grouped(keys, this.#idOf);
    const isUnknown = [...ids.keys()].some((id) => !network.nodes.has(id));
    if (isUnknown || this.#isStale) await metadata.refresh();
    for (const [id, list] of ids) {
      if (network.nodes.has(id)) continue;
      for (const key of list) failures.set(key, noSuchBroker(id));
      ids.delete(id);
    }
    return Array.from(ids, ([id, list]) => ({
      keys: list,
      connect: () => network.connect(id, LANE.CONTROL),
    }));
  }

  forget(): void {
    this.#isStale = true;
  }
}

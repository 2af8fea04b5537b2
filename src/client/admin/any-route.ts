import type { ClusterLink } from '../metadata/cluster-link.ts';
import type { Batch, Route } from './route.ts';

/** Everything in one request to any broker. */
export class AnyRoute<Key> implements Route<Key> {
  readonly #link: ClusterLink;

  constructor(link: ClusterLink) {
    this.#link = link;
  }

  plan(keys: readonly Key[]): Promise<Batch<Key>[]> {
    return Promise.resolve([{ keys, connect: () => this.#link.network.any() }]);
  }
}

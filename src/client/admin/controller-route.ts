import type { ClusterLink } from '../metadata/cluster-link.ts';
import { LANE } from '../net/lane.ts';
import type { Batch, Route } from './route.ts';

/** Everything in one request to the broker that the metadata calls the controller. */
export class ControllerRoute<Key> implements Route<Key> {
  readonly #link: ClusterLink;
  #isKnown: boolean;

  constructor(link: ClusterLink) {
    this.#link = link;
    this.#isKnown = link.metadata.controllerId >= 0;
  }

  async plan(keys: readonly Key[]): Promise<Batch<Key>[]> {
    const { metadata, network } = this.#link;
    if (!this.#isKnown) await metadata.refresh();
    this.#isKnown = true;
    const id = metadata.controllerId;
    const connect = () => (id < 0 ? network.any() : network.connect(id, LANE.CONTROL));
    return [{ keys, connect }];
  }

  forget(): void {
    this.#isKnown = false;
  }
}

import type { ClusterLink } from '../metadata/cluster-link.ts';
import { LANE } from '../net/lane.ts';
import type { ConfigResource } from './config-resource.ts';
import { type Batch, grouped, noSuchBroker, type Route } from './route.ts';

const ANY = -1;

/** A broker's own configuration is known to that broker only; any one knows the others. */
export class ConfigRoute implements Route<ConfigResource> {
  readonly #link: ClusterLink;

  constructor(link: ClusterLink) {
    this.#link = link;
  }

  async plan(
    keys: readonly ConfigResource[],
    failures: Map<ConfigResource, unknown>,
  ): Promise<Batch<ConfigResource>[]> {
    const { network, metadata } = this.#link;
    const groups = grouped(keys, brokerOf);
    const isUnknown = [...groups.keys()].some((id) => id !== ANY && !network.nodes.has(id));
    if (isUnknown) await metadata.refresh();
    for (const [id, list] of groups) {
      if (id === ANY || network.nodes.has(id)) continue;
      for (const key of list) failures.set(key, noSuchBroker(id));
      groups.delete(id);
    }
    return Array.from(groups, ([id, list]) => ({
      keys: list,
      connect: () => (id === ANY ? network.any() : network.connect(id, LANE.CONTROL)),
    }));
  }
}

function brokerOf({ type, name }: ConfigResource): number {
  const isOwn = type === 'broker' || type === 'broker-logger';
  return isOwn && /^\d+$/.test(name) ? Number(name) : ANY;
}

import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { NodeRoute } from './node-route.ts';
import { allRequired, type Outcome } from './outcome.ts';

/** Asks all brokers of the cluster at once; throws where one of them does not answer. */
export async function everyBroker<Value>(
  link: AdminLink,
  what: string,
  options: CallOptions | undefined,
  request: (connection: Connection, broker: number) => Promise<Value>,
): Promise<Value[]> {
  const ids = await brokerIds(link, options);
  const work = {
    what: `the list of ${what}`,
    keys: ids,
    route: new NodeRoute<number>(link.cluster, (id) => id),
    subjectOf: (id: number) => `${what} of broker ${id}`,
    ask: async (
      connection: Connection,
      [id]: readonly number[],
      outcomes: Map<number, Outcome<Value>>,
    ) => {
      outcomes.set(id!, await request(connection, id!));
    },
  };
  return allRequired(await link.run(work, options));
}

/** The brokers that there are now. */
export function brokerIds(link: AdminLink, options?: CallOptions): Promise<number[]> {
  const { cluster } = link;
  const work = {
    what: 'the list of brokers',
    keys: [''],
    route: {
      plan: async (keys: readonly string[]) => {
        await cluster.metadata.refresh();
        return [{ keys, connect: () => cluster.network.any() }];
      },
    },
    subjectOf: () => 'brokers',
    ask: (
      _connection: Connection,
      _keys: readonly string[],
      outcomes: Map<string, Outcome<number[]>>,
    ) => {
      outcomes.set('', [...cluster.network.nodes.keys()]);
      return Promise.resolve();
    },
  };
  return link.runOne(work, options);
}

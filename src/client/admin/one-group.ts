import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { CoordinatorRoute } from './coordinator-route.ts';
import { groupText } from './group-requests.ts';
import type { Outcome } from './outcome.ts';

const GROUPS_MAX = 500;

/** Groups by their coordinators. */
export function groupCoordinators({ cluster }: AdminLink): CoordinatorRoute {
  return new CoordinatorRoute(cluster, cluster.groups, GROUPS_MAX);
}

/** One change of the offsets of one group. The error of the group as a whole is thrown. */
export function changeOffsets<Value>(
  link: AdminLink,
  group: string,
  options: CallOptions | undefined,
  request: (connection: Connection) => Promise<Outcome<Value>>,
): Promise<Value> {
  const work = {
    what: `the change of offsets of group ${group}`,
    keys: [group],
    route: groupCoordinators(link),
    subjectOf: groupText,
    ask: async (
      connection: Connection,
      _: readonly string[],
      outcomes: Map<string, Outcome<Value>>,
    ) => {
      outcomes.set(group, await request(connection));
    },
  };
  return link.runOne(work, options);
}

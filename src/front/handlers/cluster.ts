import { API } from '../../protocol/api-keys.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { AnyHandler, RawHandler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { clusterAlterConfigs, clusterIncrementalAlterConfigs } from './cluster-configs.ts';
import { clusterFetch } from './cluster-fetch.ts';
import { forwardedCall } from './forwarded-call.ts';
import { handlers } from './index.ts';

type ForwardingName = 'forwarding' | 'replies';

/** What a broker of a cluster never decides by itself, but the controllers do. */
export const FORWARDED_APIS: ReadonlySet<number> = new Set([
  API.CREATE_TOPICS,
  API.DELETE_TOPICS,
  API.CREATE_ACLS,
  API.DELETE_ACLS,
  API.ALTER_CONFIGS,
  API.CREATE_PARTITIONS,
  API.CREATE_DELEGATION_TOKEN,
  API.RENEW_DELEGATION_TOKEN,
  API.EXPIRE_DELEGATION_TOKEN,
  API.ELECT_LEADERS,
  API.INCREMENTAL_ALTER_CONFIGS,
  API.ALTER_PARTITION_REASSIGNMENTS,
  API.LIST_PARTITION_REASSIGNMENTS,
  API.ALTER_CLIENT_QUOTAS,
  API.ALTER_USER_SCRAM_CREDENTIALS,
  API.DESCRIBE_QUORUM,
  API.UPDATE_FEATURES,
  API.UNREGISTER_BROKER,
  API.ADD_RAFT_VOTER,
  API.REMOVE_RAFT_VOTER,
]);

/** Of these a part is checked before it is passed on. */
const CHECKED: ReadonlySet<number> = new Set([API.ALTER_CONFIGS, API.INCREMENTAL_ALTER_CONFIGS]);

/** Of these only a cluster has a use. */
const ONLY_FORWARDED: readonly RawHandler<ForwardingName>[] = [
  forwarded({ key: API.ADD_RAFT_VOTER, versions: '0-1', needs: [forRequest('ALTER', 'CLUSTER')] }),
  forwarded({ key: API.REMOVE_RAFT_VOTER, versions: '0', needs: [forRequest('ALTER', 'CLUSTER')] }),
];

type Terms = Pick<RawHandler<never>, 'key' | 'versions' | 'needs' | 'advertisedFrom'>;

/** The controllers check the rights, for they are told who asks. */
function forwarded({ key, versions, needs, advertisedFrom }: Terms): RawHandler<ForwardingName> {
  return {
    key,
    versions,
    needs,
    ...(advertisedFrom === undefined ? {} : { advertisedFrom }),
    handleRaw: (body, call, services) => forward(Buffer.from(body), call, services),
  };
}

async function forward(
  body: Buffer,
  call: Call,
  { forwarding, replies }: Services<ForwardingName>,
): Promise<void> {
  const answer = await forwarding!.forward(forwardedCall(call, body));
  // The client learns anew which versions are served: other controllers may have come.
  if (answer === null) call.cut('asked in a version that the controllers do not serve');
  else replies.replyBody(call, answer);
}

/** What a broker of a cluster serves. ApiVersions advertises what the controllers serve of it. */
export const clusterHandlers: readonly AnyHandler[] = [
  ...handlers.filter(({ key }) => !FORWARDED_APIS.has(key) && key !== API.FETCH),
  clusterFetch,
  ...handlers.filter(({ key }) => FORWARDED_APIS.has(key) && !CHECKED.has(key)).map(forwarded),
  clusterAlterConfigs,
  clusterIncrementalAlterConfigs,
  ...ONLY_FORWARDED,
];

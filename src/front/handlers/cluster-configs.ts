import { MillraceError } from '../../base/errors.ts';
import type { AlterResource } from '../../metadata/metadata-changes.ts';
import {
  CONFIG_RESOURCE,
  type ConfigPlan,
  type ConfigPlanning,
  planIncrementalAlter,
  planReplacingAlter,
} from '../../metadata/plan-configs.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import {
  ALTER_CONFIGS,
  type AlterConfigsRequest,
  type AlterConfigsResponse,
} from '../../protocol/schema/33-alter-configs.ts';
import {
  INCREMENTAL_ALTER_CONFIGS,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from '../../protocol/schema/44-incremental-alter-configs.ts';
import type { ApiSchema } from '../../protocol/schema-dsl.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { alterConfigs } from './33-alter-configs.ts';
import { alterationOf, incrementalAlterConfigs } from './44-incremental-alter-configs.ts';
import type { AlteredResource } from './config-alterations.ts';
import { configDenial } from './config-rights.ts';
import { forwardedCall } from './forwarded-call.ts';

type ServiceName = 'forwarding' | 'metadata' | 'rights';
type Needed = Services<ServiceName>;

/** Of broker configurations only a broker knows whether it can go on with them. */
const OF_BROKERS: ReadonlySet<number> = new Set([
  CONFIG_RESOURCE.BROKER,
  CONFIG_RESOURCE.BROKER_LOGGER,
]);

/** AlterConfigs (33), versions 0 to 2, in a cluster: what it says of brokers is checked here. */
export const clusterAlterConfigs: Handler<AlterConfigsRequest, AlterConfigsResponse, ServiceName> =
  {
    key: alterConfigs.key,
    versions: alterConfigs.versions,
    needs: alterConfigs.needs,
    handle: (request, call, services) => {
      return passOn(ALTER_CONFIGS, request, call, services, (resource, planning) => {
        return planReplacingAlter(services.metadata.image, resource, resource.configs, planning);
      });
    },
  };

/** IncrementalAlterConfigs (44), versions 0 to 1, in a cluster. */
export const clusterIncrementalAlterConfigs: Handler<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  ServiceName
> = {
  key: incrementalAlterConfigs.key,
  versions: incrementalAlterConfigs.versions,
  needs: incrementalAlterConfigs.needs,
  handle: (request, call, services) => {
    return passOn(INCREMENTAL_ALTER_CONFIGS, request, call, services, (resource, planning) => {
      const alterations = resource.configs.map(alterationOf);
      return planIncrementalAlter(services.metadata.image, resource, alterations, planning);
    });
  },
};

/** Refuses what this broker could not go on with. The controllers decide about the rest. */
async function passOn<
  Request extends { readonly resources: readonly AlterResource[] },
  Response extends { readonly responses: AlteredResource[] },
>(
  api: ApiSchema<Request, Response>,
  request: Request,
  call: Call,
  services: Needed,
  plan: (resource: Request['resources'][number], planning: ConfigPlanning) => ConfigPlan,
): Promise<{ responses: AlteredResource[] }> {
  const { metadata, rights } = services;
  const { forward, errorOfBrokerConfig } = services.forwarding!;
  const planning = { config: metadata.config, errorOfBrokerConfig };
  const responses: AlteredResource[] = [];
  const passed: AlterResource[] = [];
  for (const resource of request.resources) {
    const { resourceType, resourceName } = resource;
    const isOwn = OF_BROKERS.has(resourceType);
    const isDenied = isOwn && configDenial(resource, 'ALTER_CONFIGS', call, rights) !== null;
    const refused = isOwn && !isDenied ? plan(resource, planning).refused : null;
    if (refused === null) {
      passed.push(resource);
    } else {
      const { errorCode, message: errorMessage } = refused;
      responses.push({ errorCode, errorMessage, resourceType, resourceName });
    }
  }
  if (passed.length === 0) return { responses };
  const version = call.apiVersion;
  const body = encodeMessage<Request>(api.request, version, {
    ...request,
    resources: passed,
  } as never);
  const answer = await forward(forwardedCall(call, body));
  if (answer === null) {
    throw new MillraceError('MILLRACE_PROTOCOL', 'the controllers do not serve the version');
  }
  responses.push(...decodeMessage(api.response, version, answer).responses);
  return { responses };
}

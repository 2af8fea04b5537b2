import { ERROR } from '../../base/kafka-errors.ts';
import { CONFIG_RESOURCE } from '../../metadata/plan-configs.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  ListConfigResourcesResponseConfigResource,
} from '../../protocol/schema/74-list-config-resources.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

type ServiceName = 'metadata' | 'rights';
type Needed = Services<ServiceName>;

const TYPES: ReadonlySet<number> = new Set(Object.values(CONFIG_RESOURCE));

/** ListConfigResources (74), versions 0 to 1; 0 is for client metrics, of which there are none. */
export const listConfigResources: Handler<
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  ServiceName
> = {
  key: API.LIST_CONFIG_RESOURCES,
  versions: '0-1',
  needs: [forRequest('DESCRIBE_CONFIGS', 'CLUSTER')],
  handle({ resourceTypes }, call, services) {
    if (!services.rights.allowsOnCluster(call, 'DESCRIBE_CONFIGS')) {
      return { errorCode: ERROR.CLUSTER_AUTHORIZATION_FAILED, configResources: [] };
    }
    const configResources: ListConfigResourcesResponseConfigResource[] = [];
    if (call.apiVersion === 0) return { errorCode: 0, configResources };
    if (resourceTypes.some((type) => !TYPES.has(type))) {
      return { errorCode: ERROR.UNSUPPORTED_VERSION, configResources };
    }
    for (const resourceType of resourceTypes.length === 0 ? TYPES : new Set(resourceTypes)) {
      for (const resourceName of namesOf(resourceType, services)) {
        configResources.push({ resourceName, resourceType });
      }
    }
    return { errorCode: 0, configResources };
  },
};

function namesOf(resourceType: number, services: Needed): Iterable<string> {
  const { image } = services.metadata;
  switch (resourceType) {
    case CONFIG_RESOURCE.TOPIC:
      return image.topicsByName.keys();
    case CONFIG_RESOURCE.BROKER:
      return [String(image.nodeId)];
    case CONFIG_RESOURCE.GROUP:
      return image.groupConfigs.keys();
    default:
      return [];
  }
}

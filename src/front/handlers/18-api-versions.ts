import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ApiVersionsRequest,
  ApiVersionsResponse,
  ApiVersionsResponseApiVersion,
} from '../../protocol/schema/18-api-versions.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { finalizedLevel } from '../requests/finalized-level.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';

type ServiceName = 'features' | 'served' | 'metadata';
type Needed = Services<ServiceName>;

const NAMED_SINCE = 3;
/** Versions that list a feature whose lowest level is 0 (KAFKA-17011). */
const ZERO_LEVELS_SINCE = 4;

/** ApiVersions (18), versions 0 to 4. A version that we do not know is answered by the router. */
export const apiVersions: Handler<ApiVersionsRequest, ApiVersionsResponse, ServiceName> = {
  key: API.API_VERSIONS,
  versions: '0-4',
  needs: [],
  handle(request, call, services) {
    const isNamed = isLegal(request.clientSoftwareName) && isLegal(request.clientSoftwareVersion);
    if (call.apiVersion >= NAMED_SINCE && !isNamed) {
      return answer(ERROR.INVALID_REQUEST, [], services, call.apiVersion);
    }
    call.connection.sasl?.onVersionsTold();
    return answer(ERROR.NONE, services.served, services, call.apiVersion);
  },
};

/** Kafka's rule for the name and version of a client's software. */
function isLegal(text: string): boolean {
  return /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/.test(text);
}

function answer(
  errorCode: number,
  apiKeys: readonly ApiVersionsResponseApiVersion[],
  services: Needed,
  version: number,
): Unthrottled<ApiVersionsResponse> {
  const { features, metadata } = services;
  const supported = features.filter((feature) => {
    return feature.minVersion > 0 || version >= ZERO_LEVELS_SINCE;
  });
  const { image } = metadata;
  const finalized = new Map(features.map((each) => [each.name, finalizedLevel(each, image)]));
  // In a cluster of Kafka's features may be finalized that nobody here has heard of.
  for (const [name, level] of image.features) finalized.set(name, level);
  return {
    errorCode,
    apiKeys: [...apiKeys],
    supportedFeatures: supported.map(({ name, minVersion, maxVersion }) => {
      return { name, minVersion, maxVersion };
    }),
    // Clients keep what they heard with the highest epoch.
    finalizedFeaturesEpoch: metadata.quorum.highWatermark,
    finalizedFeatures: [...finalized]
      .filter(([, level]) => level > 0)
      .map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
    zkMigrationReady: false,
  };
}

import { ERROR } from '../../base/kafka-errors.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  UpdateFeaturesRequest,
  UpdateFeaturesRequestFeatureUpdateKey,
  UpdateFeaturesResponse,
} from '../../protocol/schema/57-update-features.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

type ServiceName = 'features';
type Needed = Services<ServiceName>;

/** From this version on one bad update refuses them all, and no results are listed. */
const ALL_OR_NOTHING_SINCE = 2;
/** Upgrade, downgrade without loss, downgrade that may lose data. */
const UPGRADE_TYPES: ReadonlySet<number> = new Set([1, 2, 3]);

/**
 * UpdateFeatures (57), versions 0 to 2. Each feature is served at one level: that level is granted,
 * any other is refused.
 */
export const updateFeatures: Handler<UpdateFeaturesRequest, UpdateFeaturesResponse, ServiceName> = {
  key: API.UPDATE_FEATURES,
  versions: '0-2',
  needs: [forRequest('ALTER', 'CLUSTER')],
  handle(request, call, services) {
    const results = request.featureUpdates.map((update) => {
      const refused = refusalOf(update, services);
      const errorCode = refused?.errorCode ?? 0;
      return { feature: update.feature, errorCode, errorMessage: refused?.message ?? null };
    });
    const answer = { errorCode: 0, errorMessage: null };
    if (call.apiVersion < ALL_OR_NOTHING_SINCE) return { ...answer, results };
    const failed = results.find(({ errorCode }) => errorCode !== 0);
    if (failed === undefined) return { ...answer, results: [] };
    const { errorCode, errorMessage } = failed;
    return { ...answer, errorCode, errorMessage, results: [] };
  },
};

function refusalOf(
  { feature, maxVersionLevel, upgradeType }: UpdateFeaturesRequestFeatureUpdateKey,
  services: Needed,
): Refusal | null {
  const errorCode = ERROR.INVALID_UPDATE_VERSION;
  const invalid = `Invalid update version ${maxVersionLevel} for feature ${feature}.`;
  const known = services.features.find(({ name }) => name === feature);
  if (known === undefined) {
    return { errorCode, message: `${invalid} This broker does not support this feature.` };
  }
  if (!UPGRADE_TYPES.has(upgradeType)) {
    return { errorCode, message: `${invalid} There is no upgrade type ${upgradeType}.` };
  }
  if (maxVersionLevel === known.level) return null;
  const message = `${invalid} This broker serves it at level ${known.level} and no other.`;
  return { errorCode, message };
}

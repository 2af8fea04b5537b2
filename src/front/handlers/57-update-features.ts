import { ERROR } from '../../base/kafka-errors.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  UpdateFeaturesRequest,
  UpdateFeaturesRequestFeatureUpdateKey,
  UpdateFeaturesResponse,
} from '../../protocol/schema/57-update-features.ts';
import { finalizedLevel } from '../requests/finalized-level.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';
import { orRefusal } from './partition-checks.ts';

type ServiceName = 'features' | 'metadata' | 'changes' | 'rights';
type Needed = Services<ServiceName>;
type Update = UpdateFeaturesRequestFeatureUpdateKey;

/** From this version on one bad update refuses them all, and no results are listed. */
const ALL_OR_NOTHING_SINCE = 2;
/** From this version on a request says how it means a change. */
const TYPED_SINCE = 1;
const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;
/** Upgrade, downgrade without loss, downgrade that may lose data. */
const UPGRADE_TYPES: ReadonlySet<number> = new Set([UPGRADE, SAFE_DOWNGRADE, 3]);

/**
 * UpdateFeatures (57), versions 0 to 2. A feature that is served at one level only is granted that
 * level, and any other is refused.
 */
export const updateFeatures: Handler<UpdateFeaturesRequest, UpdateFeaturesResponse, ServiceName> = {
  key: API.UPDATE_FEATURES,
  versions: '0-2',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle(request, call, services) {
    if (!services.rights.allowsOnCluster(call, 'ALTER')) return { ...CLUSTER_DENIED, results: [] };
    const version = call.apiVersion;
    const refusals = request.featureUpdates.map((update) => refusalOf(update, version, services));
    const isAllOrNothing = version >= ALL_OR_NOTHING_SINCE;
    const isRefused = isAllOrNothing && refusals.some((refusal) => refusal !== null);
    for (const [index, update] of request.featureUpdates.entries()) {
      if (isRefused || refusals[index] !== null || request.validateOnly) continue;
      refusals[index] = await change(update, services);
    }
    const results = request.featureUpdates.map(({ feature }, index) => {
      const refusal = refusals[index] ?? null;
      const errorCode = refusal?.errorCode ?? 0;
      return { feature, errorCode, errorMessage: refusal?.message ?? null };
    });
    const answer = { errorCode: 0, errorMessage: null };
    if (!isAllOrNothing) return { ...answer, results };
    const failed = results.find(({ errorCode }) => errorCode !== 0);
    if (failed === undefined) return { ...answer, results: [] };
    const { errorCode, errorMessage } = failed;
    return { ...answer, errorCode, errorMessage, results: [] };
  },
};

/** Null where the level is in the metadata now. */
function change({ feature, maxVersionLevel }: Update, services: Needed): Promise<Refusal | null> {
  const { features, metadata, changes } = services;
  const known = features.find(({ name }) => name === feature)!;
  if (finalizedLevel(known, metadata.image) === maxVersionLevel) return Promise.resolve(null);
  const errorCode = ERROR.FEATURE_UPDATE_FAILED;
  const message = `The level of ${feature} cannot be written.`;
  const changed = changes.setFeature(feature, maxVersionLevel).then(() => null);
  return orRefusal<Refusal | null>(changed, () => ({ errorCode, message }));
}

function refusalOf(update: Update, version: number, services: Needed): Refusal | null {
  const { feature, maxVersionLevel: level } = update;
  const errorCode = ERROR.INVALID_UPDATE_VERSION;
  const refuse = (reason: string): Refusal => {
    return {
      errorCode,
      message: `Invalid update version ${level} for feature ${feature}. ${reason}`,
    };
  };
  const known = services.features.find(({ name }) => name === feature);
  if (known === undefined) return refuse('This broker does not support this feature.');
  const type = typeOf(update, version);
  if (!UPGRADE_TYPES.has(type)) return refuse(`There is no upgrade type ${type}.`);
  const current = finalizedLevel(known, services.metadata.image);
  if (level === current) return null;
  if (!known.isAdjustable) {
    return refuse(`This broker serves it at level ${current} and no other.`);
  }
  if (level < known.minVersion || level > known.maxVersion) {
    return refuse(`This broker serves levels ${known.minVersion} to ${known.maxVersion}.`);
  }
  if (level > current && type !== UPGRADE) return refuse("Can't downgrade to a newer version.");
  if (level < current && type === UPGRADE) {
    return refuse(
      "Can't downgrade the version of this feature without setting the upgrade type to either " +
        'safe or unsafe downgrade.',
    );
  }
  return null;
}

function typeOf({ upgradeType, allowDowngrade }: Update, version: number): number {
  if (version >= TYPED_SINCE) return upgradeType;
  return allowDowngrade ? SAFE_DOWNGRADE : UPGRADE;
}

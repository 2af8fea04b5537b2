import { ERROR } from '../../base/kafka-errors.ts';
import type { AlterResource } from '../../metadata/metadata-changes.ts';
import { CONFIG_RESOURCE } from '../../metadata/plan-configs.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import { configDenial } from './config-rights.ts';
import { orRefusal } from './partition-checks.ts';

/** Values are not told: they may be passwords. */
interface AlteredConfigs extends AlterResource {
  readonly configs: readonly { readonly name: string }[];
}

const CONFIG_TYPES: ReadonlyMap<number, string> = new Map([
  [CONFIG_RESOURCE.TOPIC, 'topic'],
  [CONFIG_RESOURCE.BROKER, 'broker'],
  [CONFIG_RESOURCE.GROUP, 'group'],
]);

export interface AlteredResource {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number;
  resourceName: string;
}

/**
 * Alters each resource by itself, as both config APIs do: a refused one does not stop the others.
 * Resolves when the partitions follow the new values.
 */
export async function alterEach<Resource extends AlteredConfigs>(
  resources: readonly Resource[],
  alter: (resource: Resource) => Promise<Refusal | null>,
  validateOnly: boolean,
  call: Call,
  services: Services<'directory' | 'rights' | 'audit'>,
): Promise<AlteredResource[]> {
  const keys = resources.map(({ resourceType, resourceName }) => `${resourceType}/${resourceName}`);
  const seen = new Set<string>();
  const repeated = new Set(keys.filter((key) => seen.size === seen.add(key).size));
  const refusals = await Promise.all(
    resources.map((resource, i) => {
      const denied = configDenial(resource, 'ALTER_CONFIGS', call, services.rights);
      if (denied !== null) return denied;
      if (!repeated.has(keys[i]!)) return orRefusal(alter(resource), (refused) => refused);
      const message = 'Each resource must appear at most once.';
      return { errorCode: ERROR.INVALID_REQUEST, message };
    }),
  );
  await services.directory.settled();
  for (const [i, { resourceType, resourceName, configs }] of resources.entries()) {
    if (refusals[i] !== null || validateOnly) continue;
    const of = `${CONFIG_TYPES.get(resourceType) ?? resourceType} ${resourceName}`;
    services.audit.changed(call, 'configuration', { of, names: configs.map(({ name }) => name) });
  }
  return resources.map(({ resourceType, resourceName }, i) => {
    const errorCode = refusals[i]?.errorCode ?? 0;
    return { errorCode, errorMessage: refusals[i]?.message ?? null, resourceType, resourceName };
  });
}

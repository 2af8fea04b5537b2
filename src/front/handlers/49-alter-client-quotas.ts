import { API } from '../../protocol/api-keys.ts';
import type {
  AlterClientQuotasRequest,
  AlterClientQuotasRequestEntryData,
  AlterClientQuotasResponse,
  AlterClientQuotasResponseEntryData,
} from '../../protocol/schema/49-alter-client-quotas.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';
import { orRefusal } from './partition-checks.ts';

type ServiceName = 'changes' | 'rights' | 'audit';
type Needed = Services<ServiceName>;

/** AlterClientQuotas (49), versions 0 to 1: quotas are stored and described. */
export const alterClientQuotas: Handler<
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  ServiceName
> = {
  key: API.ALTER_CLIENT_QUOTAS,
  versions: '0-1',
  needs: [forRequest('ALTER_CONFIGS', 'CLUSTER')],
  async handle(request, call, services) {
    if (!services.rights.allowsOnCluster(call, 'ALTER_CONFIGS')) {
      const refused = request.entries.map(({ entity }) => ({ ...CLUSTER_DENIED, entity }));
      return { entries: refused };
    }
    const { validateOnly } = request;
    const entries = request.entries.map((entry) => alter(entry, validateOnly, call, services));
    return { entries: await Promise.all(entries) };
  },
};

async function alter(
  { entity, ops }: AlterClientQuotasRequestEntryData,
  validateOnly: boolean,
  call: Call,
  services: Needed,
): Promise<AlterClientQuotasResponseEntryData> {
  const parts = entity.map(({ entityType, entityName }) => ({
    type: entityType,
    name: entityName,
  }));
  const refused = await orRefusal(
    services.changes.alterClientQuota(parts, ops, validateOnly),
    (refusal) => refusal,
  );
  if (refused === null && !validateOnly) {
    const of = parts.map(({ type, name }) => `${type} ${name ?? '<default>'}`).join(', ');
    const set = ops.map(({ key, value, remove }) =>
      remove ? `${key} removed` : `${key}=${value}`,
    );
    services.audit.changed(call, 'quota', { of, set });
  }
  return { errorCode: refused?.errorCode ?? 0, errorMessage: refused?.message ?? null, entity };
}

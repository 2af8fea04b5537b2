import { describeQuotas } from '../../metadata/client-quotas.ts';
import type { ClientQuota } from '../../metadata/image.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  DescribeClientQuotasResponseEntryData,
} from '../../protocol/schema/48-describe-client-quotas.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';

/** DescribeClientQuotas (48), versions 0 to 1. */
export const describeClientQuotas: Handler<
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  'metadata' | 'rights'
> = {
  key: API.DESCRIBE_CLIENT_QUOTAS,
  versions: '0-1',
  needs: [forRequest('DESCRIBE_CONFIGS', 'CLUSTER')],
  handle(request, call, services) {
    if (!services.rights.allowsOnCluster(call, 'DESCRIBE_CONFIGS')) {
      return { ...CLUSTER_DENIED, entries: null };
    }
    const filters = request.components.map(({ entityType, matchType, match }) => {
      return { type: entityType, matchType, match };
    });
    const answer = describeQuotas(services.metadata.image, filters, request.strict);
    if (answer.refused !== null) {
      const { errorCode, message } = answer.refused;
      return { errorCode, errorMessage: message, entries: null };
    }
    const entries = answer.quotas.map(entryOf);
    return { errorCode: 0, errorMessage: null, entries };
  },
};

function entryOf({ entity, values }: ClientQuota): DescribeClientQuotasResponseEntryData {
  return {
    entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
    values: [...values].map(([key, value]) => ({ key, value })),
  };
}

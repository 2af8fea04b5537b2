import { API } from '../../protocol/api-keys.ts';
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsRequestAlterableConfig,
  IncrementalAlterConfigsResponse,
} from '../../protocol/schema/44-incremental-alter-configs.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { alterEach } from './config-alterations.ts';

/** IncrementalAlterConfigs (44), versions 0 to 1: sets, deletes, appends and subtracts. */
export const incrementalAlterConfigs: Handler<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  'changes' | 'directory' | 'rights' | 'audit'
> = {
  key: API.INCREMENTAL_ALTER_CONFIGS,
  versions: '0-1',
  needs: [
    forEach('ALTER_CONFIGS', 'TOPIC'),
    forEach('ALTER_CONFIGS', 'CLUSTER'),
    forEach('ALTER_CONFIGS', 'GROUP'),
  ],
  async handle(request, call, services) {
    const { resources, validateOnly } = request;
    const responses = await alterEach(
      resources,
      (resource) => {
        const alterations = resource.configs.map(alterationOf);
        return services.changes.incrementalAlterConfigs(resource, alterations, validateOnly);
      },
      validateOnly,
      call,
      services,
    );
    return { responses };
  },
};

/** One alteration as plans have it. */
export function alterationOf(config: IncrementalAlterConfigsRequestAlterableConfig) {
  const { name, configOperation: operation, value } = config;
  return { name, operation, value };
}

import { API } from '../../protocol/api-keys.ts';
import type {
  AlterConfigsRequest,
  AlterConfigsResponse,
} from '../../protocol/schema/33-alter-configs.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { alterEach } from './config-alterations.ts';

/** AlterConfigs (33), versions 0 to 2: the values given replace all that a resource had. */
export const alterConfigs: Handler<
  AlterConfigsRequest,
  AlterConfigsResponse,
  'changes' | 'directory' | 'rights' | 'audit'
> = {
  key: API.ALTER_CONFIGS,
  versions: '0-2',
  needs: [
    forEach('ALTER_CONFIGS', 'TOPIC'),
    forEach('ALTER_CONFIGS', 'CLUSTER'),
    forEach('ALTER_CONFIGS', 'GROUP'),
  ],
  async handle(request, call, services) {
    const { resources, validateOnly } = request;
    const responses = await alterEach(
      resources,
      (resource) => services.changes.alterConfigs(resource, resource.configs, validateOnly),
      validateOnly,
      call,
      services,
    );
    return { responses };
  },
};

import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../protocol/schema/64-unregister-broker.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';

/** UnregisterBroker (64), version 0: the only broker cannot be unregistered. */
export const unregisterBroker: Handler<
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
  'metadata' | 'rights'
> = {
  key: API.UNREGISTER_BROKER,
  versions: '0',
  needs: [forRequest('ALTER', 'CLUSTER')],
  handle({ brokerId }, call, services) {
    if (!services.rights.allowsOnCluster(call, 'ALTER')) return CLUSTER_DENIED;
    if (brokerId === services.metadata.image.nodeId) {
      const errorMessage = `Broker ID ${brokerId} is the only one, and it is running.`;
      return { errorCode: ERROR.INVALID_REQUEST, errorMessage };
    }
    const errorMessage = `Broker ID ${brokerId} is not currently registered`;
    return { errorCode: ERROR.BROKER_ID_NOT_REGISTERED, errorMessage };
  },
};

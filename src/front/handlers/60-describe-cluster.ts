import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { OPERATIONS_NOT_ASKED } from '../../protocol/operations-not-asked.ts';
import type {
  DescribeClusterRequest,
  DescribeClusterResponse,
} from '../../protocol/schema/60-describe-cluster.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Handler } from '../requests/handler.ts';
import { toSee } from '../requests/needed-action.ts';
import { shownClusterOperations } from './authorized-operations.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

/** DescribeCluster (60), versions 0 to 2. */
export const describeCluster: Handler<
  DescribeClusterRequest,
  DescribeClusterResponse,
  'metadata' | 'endpoints' | 'rights'
> = {
  key: API.DESCRIBE_CLUSTER,
  versions: '0-2',
  needs: [toSee('DESCRIBE', 'CLUSTER')],
  handle(request, call, services) {
    const { clusterId } = services.metadata.image;
    const { endpointType } = request;
    if (endpointType !== BROKERS) {
      const isKnown = endpointType === CONTROLLERS;
      return {
        ...EMPTY,
        endpointType,
        errorCode: isKnown ? ERROR.MISMATCHED_ENDPOINT_TYPE : ERROR.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: isKnown
          ? 'The request was sent to an endpoint of the wrong type.'
          : `Unsupported endpoint type ${endpointType}`,
      };
    }
    const { endpoints } = services;
    const open = endpoints.brokersFor(call);
    const fenced = request.includeFencedBrokers ? endpoints.fencedFor(call) : [];
    const brokers = [...open, ...fenced].map(({ nodeId: brokerId, ...address }, i) => {
      return { brokerId, ...address, isFenced: i >= open.length };
    });
    const operations = request.includeClusterAuthorizedOperations;
    return {
      ...EMPTY,
      endpointType,
      clusterId,
      controllerId: services.endpoints.controllerFor(call),
      brokers,
      clusterAuthorizedOperations: operations
        ? shownClusterOperations(call, services.rights)
        : OPERATIONS_NOT_ASKED,
    };
  },
};

const EMPTY: Unthrottled<DescribeClusterResponse> = {
  errorCode: 0,
  errorMessage: null,
  endpointType: BROKERS,
  clusterId: '',
  controllerId: -1,
  brokers: [],
  clusterAuthorizedOperations: OPERATIONS_NOT_ASKED,
};

import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type * as write from '../../protocol/schema/27-write-txn-markers.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { anyOf, forRequest } from '../requests/needed-action.ts';

type ServiceName = 'transactions' | 'rights';
type Needed = Services<ServiceName>;
type Marker = write.WriteTxnMarkersRequestWritableTxnMarker;
type Result = write.WriteTxnMarkersResponseWritableTxnMarkerResult;
type PartitionResult = write.WriteTxnMarkersResponseWritableTxnMarkerPartitionResult;

/** What a coordinator on another node is told in place of errors that it does not expect. */
const NOT_READY: ReadonlySet<number> = new Set([
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.NOT_COORDINATOR,
]);

/**
 * WriteTxnMarkers (27), versions 1 and 2: coordinators on other nodes and administrators end
 * transactions in the partitions of this node.
 */
export const writeTxnMarkers: Handler<
  write.WriteTxnMarkersRequest,
  write.WriteTxnMarkersResponse,
  ServiceName
> = {
  key: API.WRITE_TXN_MARKERS,
  versions: '1-2',
  needs: [anyOf(forRequest('ALTER', 'CLUSTER'), forRequest('CLUSTER_ACTION', 'CLUSTER'))],
  async handle({ markers }, call, services) {
    const { rights } = services;
    if (!rights.allowsOnCluster(call, 'ALTER') && !rights.allowsOnCluster(call, 'CLUSTER_ACTION')) {
      return { markers: markers.map(denied) };
    }
    return { markers: await Promise.all(markers.map((marker) => writeOne(marker, services))) };
  },
};

function denied({ producerId, topics }: Marker): Result {
  const errorCode = ERROR.CLUSTER_AUTHORIZATION_FAILED;
  const refused = topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
  }));
  return { producerId, topics: refused };
}

async function writeOne(marker: Marker, services: Needed): Promise<Result> {
  const topics = marker.topics.map(async ({ name, partitionIndexes }) => {
    const written = partitionIndexes.map((index) => writeInto(name, index, marker, services));
    return { name, partitions: await Promise.all(written) };
  });
  return { producerId: marker.producerId, topics: await Promise.all(topics) };
}

function writeInto(
  topic: string,
  partitionIndex: number,
  { transactionResult, ...marker }: Marker,
  { transactions }: Needed,
): Promise<PartitionResult> {
  return new Promise((resolve) => {
    const fields = { ...marker, isCommit: transactionResult };
    transactions.markers.write(topic, partitionIndex, fields, (error) => {
      const errorCode = NOT_READY.has(error) ? ERROR.NOT_LEADER_OR_FOLLOWER : error;
      resolve({ partitionIndex, errorCode });
    });
  });
}

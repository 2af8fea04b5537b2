import { API } from '../../protocol/api-keys.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsRequestReassignablePartition,
  AlterPartitionReassignmentsResponse,
  AlterPartitionReassignmentsResponseReassignablePartitionResponse,
} from '../../protocol/schema/45-alter-partition-reassignments.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';
import { orRefusal } from './partition-checks.ts';

type ServiceName = 'changes' | 'rights';
type Needed = Services<ServiceName>;

type Answer = AlterPartitionReassignmentsResponseReassignablePartitionResponse;

/** AlterPartitionReassignments (45), versions 0 to 1: each partition is decided by itself. */
export const alterPartitionReassignments: Handler<
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  ServiceName
> = {
  key: API.ALTER_PARTITION_REASSIGNMENTS,
  versions: '0-1',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle(request, call, services) {
    const { allowReplicationFactorChange } = request;
    if (!services.rights.allowsOnCluster(call, 'ALTER')) {
      return { allowReplicationFactorChange, ...CLUSTER_DENIED, responses: [] };
    }
    const responses = await Promise.all(
      request.topics.map(async ({ name, partitions }) => {
        const answers = partitions.map((asked) => answerFor(name, asked, services));
        return { name, partitions: await Promise.all(answers) };
      }),
    );
    return {
      allowReplicationFactorChange,
      errorCode: 0,
      errorMessage: null,
      responses,
    };
  },
};

async function answerFor(
  topic: string,
  asked: AlterPartitionReassignmentsRequestReassignablePartition,
  services: Needed,
): Promise<Answer> {
  const { partitionIndex, replicas } = asked;
  const reassigned = services.changes.reassignPartition(topic, partitionIndex, replicas);
  const refused = await orRefusal(reassigned, (refusal) => refusal);
  const { errorCode, message: errorMessage } = refused ?? { errorCode: 0, message: null };
  return { partitionIndex, errorCode, errorMessage };
}

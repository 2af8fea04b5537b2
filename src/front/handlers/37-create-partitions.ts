import { API } from '../../protocol/api-keys.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsRequestCreatePartitionsTopic,
  CreatePartitionsResponse,
  CreatePartitionsResponseCreatePartitionsTopicResult,
} from '../../protocol/schema/37-create-partitions.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';
import { TOPIC_DENIED } from './topic-denied.ts';

/** Clients know the error of a quota since this version. */
const QUOTA_ERROR_SINCE = 3;

/** CreatePartitions (37), versions 0 to 3. Answered when the new partitions can be written. */
export const createPartitions: Handler<
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  'changes' | 'directory' | 'rights' | 'throttling'
> = {
  key: API.CREATE_PARTITIONS,
  versions: '0-3',
  needs: [forEach('ALTER', 'TOPIC')],
  async handle(request, call, services) {
    const { validateOnly } = request;
    const mayAlter = ({ name }: CreatePartitionsRequestCreatePartitionsTopic) =>
      services.rights.allows(call, 'ALTER', 'TOPIC', name);
    const topics = request.topics.filter(mayAlter);
    const budget = services.throttling.mutations(call, call.apiVersion >= QUOTA_ERROR_SINCE);
    const outcomes = await orRefusal(
      services.changes.createPartitions(topics.map(morePartitionsOf), validateOnly, budget),
      (refused) => topics.map(() => ({ refused, result: null })),
    );
    if (!validateOnly) await services.directory.settled();
    const results = new Map<string, CreatePartitionsResponseCreatePartitionsTopicResult>();
    for (const { name } of request.topics) results.set(name, { name, ...TOPIC_DENIED });
    for (const [i, { name }] of topics.entries()) {
      const { refused } = outcomes[i]!;
      const errorCode = refused?.errorCode ?? 0;
      results.set(name, { name, errorCode, errorMessage: refused?.message ?? null });
    }
    return { results: [...results.values()] };
  },
};

function morePartitionsOf(topic: CreatePartitionsRequestCreatePartitionsTopic) {
  const { name, count } = topic;
  const assignments = topic.assignments?.map(({ brokerIds }) => brokerIds) ?? null;
  return { name, count, assignments };
}

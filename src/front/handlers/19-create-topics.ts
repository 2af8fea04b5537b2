import { ERROR } from '../../base/kafka-errors.ts';
import { describeTopicConfig } from '../../metadata/config/describe.ts';
import type { TopicOutcome } from '../../metadata/metadata-changes.ts';
import type { CreatedTopic } from '../../metadata/plan-topics.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  CreateTopicsRequest,
  CreateTopicsRequestCreatableTopic,
  CreateTopicsResponse,
  CreateTopicsResponseCreatableTopicConfigs,
  CreateTopicsResponseCreatableTopicResult,
} from '../../protocol/schema/19-create-topics.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { mapInTurns } from '../requests/in-turns.ts';
import { anyOf, forEach, forRequest, toSee } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';

type ServiceName = 'changes' | 'directory' | 'clock' | 'metadata' | 'rights' | 'throttling';
type Needed = Services<ServiceName>;

type Answer = CreateTopicsResponseCreatableTopicResult;

const CONFIGS_SINCE = 5;
/** Clients know the error of a quota since this version. */
const QUOTA_ERROR_SINCE = 6;
const DENIED = 'Authorization failed.';

/** Kafka's own metadata topic, which nobody but the quorum may make. */
const CLUSTER_METADATA_TOPIC = '__cluster_metadata';

/** CreateTopics (19), versions 2 to 7. Answered when the partitions can be written. */
export const createTopics: Handler<CreateTopicsRequest, CreateTopicsResponse, ServiceName> = {
  key: API.CREATE_TOPICS,
  versions: '2-7',
  needs: [
    anyOf(forRequest('CREATE', 'CLUSTER'), forEach('CREATE', 'TOPIC')),
    toSee('DESCRIBE_CONFIGS', 'TOPIC'),
  ],
  async handle(request, call, services) {
    const { validateOnly } = request;
    const mayCreateAll = services.rights.allowsOnCluster(call, 'CREATE');
    const mayCreate = (name: string) =>
      mayCreateAll || services.rights.allows(call, 'CREATE', 'TOPIC', name);
    const allowed = request.topics.filter(({ name }) => {
      return name !== CLUSTER_METADATA_TOPIC && mayCreate(name);
    });
    const wanted = allowed.map(newTopicOf);
    const budget = services.throttling.mutations(call, call.apiVersion >= QUOTA_ERROR_SINCE);
    const outcomes = await orRefusal(
      services.changes.createTopics(wanted, validateOnly, budget),
      (refused) => wanted.map(() => ({ refused, result: null })),
    );
    if (!validateOnly) await services.directory.settled();
    const describe = call.apiVersion >= CONFIGS_SINCE ? configDescriber(services) : () => [];
    const given = await mapInTurns(allowed, services.clock, ({ name }, i) => {
      return answerFor(name, outcomes[i]!, describe);
    });
    const answers = new Map(given.map((answer) => [answer.name, answer]));
    for (const answer of given) hideConfigs(answer, call, services);
    for (const { name } of request.topics) {
      if (answers.has(name)) continue;
      const isInternal = name === CLUSTER_METADATA_TOPIC;
      const message = isInternal ? `Creation of internal topic ${name} is prohibited.` : DENIED;
      answers.set(name, refusedTopic(name, ERROR.TOPIC_AUTHORIZATION_FAILED, message));
    }
    return { topics: [...answers.values()] };
  },
};

/** Who may not see the configuration of a topic is not told it when the topic is made either. */
function hideConfigs(answer: Answer, call: Call, { rights }: Needed): void {
  if (answer.errorCode !== 0) return;
  if (rights.allows(call, 'DESCRIBE_CONFIGS', 'TOPIC', answer.name)) return;
  answer.topicConfigErrorCode = ERROR.TOPIC_AUTHORIZATION_FAILED;
  answer.numPartitions = -1;
  answer.replicationFactor = -1;
  answer.configs = [];
}

function newTopicOf(topic: CreateTopicsRequestCreatableTopic) {
  return {
    name: topic.name,
    partitions: topic.numPartitions,
    replicationFactor: topic.replicationFactor,
    assignments: topic.assignments.map(({ partitionIndex, brokerIds }) => {
      return { partition: partitionIndex, replicas: brokerIds };
    }),
    configs: topic.configs,
  };
}

function answerFor(
  name: string,
  { refused, result }: TopicOutcome<CreatedTopic>,
  describe: ConfigDescriber,
): Answer {
  if (refused !== null) return refusedTopic(name, refused.errorCode, refused.message);
  const { id, partitions, replicationFactor, configs } = result!;
  return {
    name,
    topicId: id,
    errorCode: 0,
    errorMessage: null,
    topicConfigErrorCode: 0,
    numPartitions: partitions,
    replicationFactor,
    configs: describe(configs),
  };
}

type ConfigDescriber = (
  configs: ReadonlyMap<string, string>,
) => CreateTopicsResponseCreatableTopicConfigs[];

/** Topics of one request mostly have the same configuration. It is long, so it is made once. */
function configDescriber(services: Needed): ConfigDescriber {
  const described = new Map<string, CreateTopicsResponseCreatableTopicConfigs[]>();
  return (configs) => {
    const key = JSON.stringify([...configs]);
    let entries = described.get(key);
    if (entries === undefined) {
      entries = describeTopicConfig(configs, services.metadata.config, null).map((entry) => ({
        name: entry.name,
        value: entry.value,
        readOnly: entry.readOnly,
        configSource: entry.source,
        isSensitive: entry.isSensitive,
      }));
      described.set(key, entries);
    }
    return entries;
  };
}

function refusedTopic(name: string, errorCode: number, errorMessage: string): Answer {
  return {
    name,
    topicId: ZERO_UUID,
    errorCode,
    errorMessage,
    topicConfigErrorCode: 0,
    numPartitions: -1,
    replicationFactor: -1,
    configs: [],
  };
}

import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import {
  type ConfigEntry,
  describeBrokerConfig,
  describeDefaultBrokerConfig,
  describeGroupConfig,
  describeTopicConfig,
} from '../../metadata/config/describe.ts';
import { NO_CONFIGS } from '../../metadata/image.ts';
import { CONFIG_RESOURCE } from '../../metadata/plan-configs.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import { errorOfTopicName } from '../../metadata/topic-name.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeConfigsRequest,
  DescribeConfigsRequestDescribeConfigsResource,
  DescribeConfigsResponse,
  DescribeConfigsResponseDescribeConfigsResourceResult,
} from '../../protocol/schema/32-describe-configs.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { configDenial } from './config-rights.ts';

type ServiceName = 'metadata' | 'rights';
type Needed = Services<ServiceName>;

/** DescribeConfigs (32), versions 1 to 4: topics, this broker or all brokers, groups. */
export const describeConfigs: Handler<
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  ServiceName
> = {
  key: API.DESCRIBE_CONFIGS,
  versions: '1-4',
  needs: [
    forEach('DESCRIBE_CONFIGS', 'TOPIC'),
    forEach('DESCRIBE_CONFIGS', 'CLUSTER'),
    forEach('DESCRIBE_CONFIGS', 'GROUP'),
  ],
  handle(request, call, services) {
    const results = withoutRepeats(request.resources).map((resource) => {
      const { resourceType, resourceName } = resource;
      const described =
        configDenial(resource, 'DESCRIBE_CONFIGS', call, services.rights) ??
        entriesOf(resource, services);
      if (!Array.isArray(described)) {
        const { errorCode, message } = described;
        return { errorCode, errorMessage: message, resourceType, resourceName, configs: [] };
      }
      const configs = described.map((entry) => resultOf(entry, request));
      return { errorCode: 0, errorMessage: null, resourceType, resourceName, configs };
    });
    return { results };
  },
};

/** A resource named several times is answered once: answers are expensive. */
function withoutRepeats(
  resources: readonly DescribeConfigsRequestDescribeConfigsResource[],
): DescribeConfigsRequestDescribeConfigsResource[] {
  const seen = new Set<string>();
  return resources.filter(({ resourceType, resourceName }) => {
    const key = `${resourceType} ${resourceName}`;
    return !seen.has(key) && seen.add(key);
  });
}

function resultOf(
  entry: ConfigEntry,
  request: DescribeConfigsRequest,
): DescribeConfigsResponseDescribeConfigsResourceResult {
  return {
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: entry.source,
    isSensitive: entry.isSensitive,
    synonyms: request.includeSynonyms ? entry.synonyms.map((synonym) => ({ ...synonym })) : [],
    configType: entry.type,
    documentation: request.includeDocumentation ? entry.documentation : null,
  };
}

/** Without a name these are the values set for all brokers. */
function brokerEntries(
  name: string,
  keys: readonly string[] | null,
  services: Needed,
): ConfigEntry[] | Refusal {
  const { image, config } = services.metadata;
  if (name === '') {
    return describeDefaultBrokerConfig(image.brokerConfigs.get('') ?? NO_CONFIGS, keys);
  }
  if (name === String(image.nodeId)) return describeBrokerConfig(config, keys);
  const expected = `expected ${image.nodeId} or empty string, but received ${name}`;
  return invalid(`Unexpected broker id, ${expected}`);
}

function entriesOf(
  resource: DescribeConfigsRequestDescribeConfigsResource,
  services: Needed,
): ConfigEntry[] | Refusal {
  const { resourceType, resourceName, configurationKeys } = resource;
  const { image, config } = services.metadata;
  switch (resourceType) {
    case CONFIG_RESOURCE.TOPIC:
      return topicEntries(resourceName, configurationKeys, services);
    case CONFIG_RESOURCE.BROKER:
      return brokerEntries(resourceName, configurationKeys, services);
    case CONFIG_RESOURCE.GROUP: {
      if (resourceName === '') return invalid('Group name must not be empty');
      const own = image.groupConfigs.get(resourceName) ?? NO_CONFIGS;
      return describeGroupConfig(own, config, configurationKeys);
    }
    case CONFIG_RESOURCE.BROKER_LOGGER:
      return invalid('The levels of loggers cannot be described: millrace has one logger.');
    default:
      return invalid(`Unsupported resource type: ${resourceType}`);
  }
}

function topicEntries(
  name: string,
  keys: readonly string[] | null,
  services: Needed,
): ConfigEntry[] | Refusal {
  const nameError = errorOfTopicName(name);
  if (nameError !== null) {
    return { errorCode: ERROR.INVALID_TOPIC_EXCEPTION, message: nameError };
  }
  const { image, config } = services.metadata;
  const topic = image.topicsByName.get(name);
  if (topic === undefined) {
    const errorCode = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    return { errorCode, message: errorMessage(errorCode) };
  }
  return describeTopicConfig(topic.configs, config, keys);
}

function invalid(message: string): Refusal {
  return { errorCode: ERROR.INVALID_REQUEST, message };
}

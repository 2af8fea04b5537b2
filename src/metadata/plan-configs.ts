import { ERROR } from '../base/kafka-errors.ts';
import {
  type Altered,
  alterByReplacing,
  alterIncrementally,
  type ConfigAlteration,
  type ConfigChange,
} from './config/alter.ts';
import type { BrokerConfig, ConfigTexts } from './config/broker-config.ts';
import type { ConfigDefinitions } from './config/config-definition.ts';
import { BROKER_CONFIGS, GROUP_CONFIGS, TOPIC_CONFIGS } from './config/definitions.ts';
import { errorOfGroupConfig } from './config/group-config.ts';
import { topicConfigText } from './config/topic-config.ts';
import { errorOfDynamicConfig } from './config/validate-dynamic-config.ts';
import { errorOfTopicConfig } from './config/validate-topic-config.ts';
import { type MetadataImage, NO_CONFIGS } from './image.ts';
import type { AlterResource } from './metadata-changes.ts';
import type { MetadataRecord, TextChange } from './records.ts';
import { type Refusal, refusal } from './refusal.ts';
import { errorOfTopicName } from './topic-name.ts';

/** The numbers of resource types in the config APIs. */
export const CONFIG_RESOURCE = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;

export interface ConfigPlan {
  readonly refused: Refusal | null;
  readonly records: readonly MetadataRecord[];
}

/** A resource whose configuration can be altered, with what is special about its kind. */
interface Resource {
  readonly definitions: ConfigDefinitions;
  readonly current: ConfigTexts;
  readonly inherited: (name: string) => string | null;
  /** What is wrong with the values taken together, or null. */
  readonly errorOf: (texts: ConfigTexts) => Refusal | null;
  readonly record: (changes: readonly TextChange[]) => MetadataRecord;
}

/** What plans are made against. */
export interface ConfigPlanning {
  readonly config: BrokerConfig;
  /** Why the broker cannot go on with another configuration of its own, or null. */
  readonly errorOfBrokerConfig: (next: BrokerConfig, now: BrokerConfig) => string | null;
}

/** Plans IncrementalAlterConfigs for one resource. */
export function planIncrementalAlter(
  image: MetadataImage,
  { resourceType, resourceName }: AlterResource,
  alterations: readonly ConfigAlteration[],
  planning: ConfigPlanning,
): ConfigPlan {
  const resource = resourceOf(image, resourceType, resourceName, planning);
  if ('errorCode' in resource) return { refused: resource, records: [] };
  const { definitions, current, inherited } = resource;
  return planOf(resource, alterIncrementally(definitions, current, alterations, inherited));
}

/** Plans the older AlterConfigs for one resource: the given values replace all others. */
export function planReplacingAlter(
  image: MetadataImage,
  { resourceType, resourceName }: AlterResource,
  given: readonly ConfigChange[],
  planning: ConfigPlanning,
): ConfigPlan {
  const resource = resourceOf(image, resourceType, resourceName, planning);
  if ('errorCode' in resource) return { refused: resource, records: [] };
  return planOf(resource, alterByReplacing(resource.current, given));
}

function planOf(resource: Resource, altered: Altered): ConfigPlan {
  if (altered.refused !== null) return { refused: altered.refused, records: [] };
  const refused = resource.errorOf(altered.texts);
  if (refused !== null) return { refused, records: [] };
  const changes = altered.changes.map(({ name, value }) => [name, value] as const);
  return { refused: null, records: changes.length === 0 ? [] : [resource.record(changes)] };
}

function resourceOf(
  image: MetadataImage,
  resourceType: number,
  name: string,
  planning: ConfigPlanning,
): Resource | Refusal {
  const { config } = planning;
  switch (resourceType) {
    case CONFIG_RESOURCE.TOPIC:
      return topicResource(image, name, config);
    case CONFIG_RESOURCE.BROKER:
      return brokerResource(image, name, planning);
    case CONFIG_RESOURCE.GROUP:
      return groupResource(image, name, config);
    default: {
      const message = `Configurations of resource type ${resourceType} cannot be altered here.`;
      return refusal(ERROR.INVALID_REQUEST, message);
    }
  }
}

function topicResource(
  image: MetadataImage,
  name: string,
  config: BrokerConfig,
): Resource | Refusal {
  const nameError = errorOfTopicName(name);
  if (nameError !== null) return refusal(ERROR.INVALID_TOPIC_EXCEPTION, nameError);
  const topic = image.topicsByName.get(name);
  if (topic === undefined) {
    const { UNKNOWN_TOPIC_OR_PARTITION } = ERROR;
    return refusal(UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`);
  }
  return {
    definitions: TOPIC_CONFIGS,
    current: topic.configs,
    inherited: (configName) => topicConfigText(configName, NO_CONFIGS, config),
    errorOf: (texts) => invalidConfig(errorOfTopicConfig(texts, config)),
    record: (changes) => ({ type: 'topic-config', id: topic.id, changes }),
  };
}

function brokerResource(
  image: MetadataImage,
  name: string,
  { config, errorOfBrokerConfig }: ConfigPlanning,
): Resource | Refusal {
  if (name !== '' && name !== String(image.nodeId)) {
    const expected = `expected ${image.nodeId} or empty string, but received ${name}`;
    return refusal(ERROR.INVALID_REQUEST, `Unexpected broker id, ${expected}`);
  }
  return {
    definitions: BROKER_CONFIGS,
    current: image.brokerConfigs.get(name) ?? NO_CONFIGS,
    inherited: (configName) => (config.knows(configName) ? config.text(configName) : null),
    errorOf: (texts) => {
      const error =
        errorOfDynamicConfig(texts, name) ??
        errorOfBrokerConfig(withTexts(config, image, name, texts), config);
      return error === null ? null : refusal(ERROR.INVALID_REQUEST, error);
    },
    record: (changes) => ({ type: 'broker-config', broker: name, changes }),
  };
}

/** The configuration of this broker once a resource of brokers has other values. */
function withTexts(
  config: BrokerConfig,
  { brokerConfigs, nodeId }: MetadataImage,
  name: string,
  texts: ConfigTexts,
): BrokerConfig {
  const thisBroker = String(nodeId);
  const of = (level: string) => (level === name ? texts : brokerConfigs.get(level));
  return config.withDynamic(of(''), of(thisBroker));
}

function groupResource(
  image: MetadataImage,
  name: string,
  config: BrokerConfig,
): Resource | Refusal {
  if (name === '') {
    return refusal(ERROR.INVALID_REQUEST, 'Default group resources are not allowed.');
  }
  return {
    definitions: GROUP_CONFIGS,
    current: image.groupConfigs.get(name) ?? NO_CONFIGS,
    inherited: (configName) => GROUP_CONFIGS.get(configName)?.defaultValue ?? null,
    errorOf: (texts) => invalidConfig(errorOfGroupConfig(texts, config)),
    record: (changes) => ({ type: 'group-config', group: name, changes }),
  };
}

function invalidConfig(error: string | null): Refusal | null {
  return error === null ? null : refusal(ERROR.INVALID_CONFIG, error);
}

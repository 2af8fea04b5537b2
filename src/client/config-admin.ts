import { API } from '../protocol/api-keys.ts';
import type { Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { onlyAnswer } from './only-answer.ts';
import { refuseError } from './response-error.ts';

/** Kafka's numbers of the things that carry configuration. */
export const RESOURCE_TYPE = { TOPIC: 2, BROKER: 4, GROUP: 32 } as const;
export type ResourceType = (typeof RESOURCE_TYPE)[keyof typeof RESOURCE_TYPE];

export interface ConfigResource {
  readonly type: ResourceType;
  /** '' means the defaults of all brokers. */
  readonly name: string;
}

/** Where a value comes from: Kafka's numbers, and the names its tools print. */
export const CONFIG_SOURCE_NAMES: readonly string[] = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
];

export interface ConfigEntry {
  readonly name: string;
  /** Null where it is not set or not shown. */
  readonly value: string | null;
  readonly source: string;
  readonly readOnly: boolean;
  readonly sensitive: boolean;
  readonly documentation?: string | null;
}

export interface ConfigChange {
  readonly name: string;
  /** Null deletes the value, so that the default holds again. */
  readonly value: string | null;
}

const OPERATION_SET = 0;
const OPERATION_DELETE = 1;

const RESOURCE_WORDS: Readonly<Record<ResourceType, string>> = {
  [RESOURCE_TYPE.TOPIC]: 'topic',
  [RESOURCE_TYPE.BROKER]: 'broker',
  [RESOURCE_TYPE.GROUP]: 'group',
};

function wordsFor(resource: ConfigResource): string {
  if (resource.type === RESOURCE_TYPE.BROKER && resource.name === '') {
    return 'defaults of the brokers';
  }
  return `${RESOURCE_WORDS[resource.type]} ${resource.name}`;
}

/** Configurations of topics, brokers and groups. */
export class ConfigAdmin {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Documentation comes only where it is asked for. */
  async describe(resource: ConfigResource, documentation = false): Promise<ConfigEntry[]> {
    const connection = await this.#broker(resource);
    const answer = await connection.ask(API.DESCRIBE_CONFIGS, {
      resources: [
        { resourceType: resource.type, resourceName: resource.name, configurationKeys: null },
      ],
      includeSynonyms: false,
      includeDocumentation: documentation,
    });
    const result = onlyAnswer(answer.results, wordsFor(resource));
    refuseError(result.errorCode, result.errorMessage, wordsFor(resource));
    const entries = result.configs.map((config) => ({
      name: config.name,
      value: config.value,
      source: CONFIG_SOURCE_NAMES[config.configSource] ?? CONFIG_SOURCE_NAMES[0]!,
      readOnly: config.readOnly,
      sensitive: config.isSensitive,
      ...(documentation ? { documentation: config.documentation } : {}),
    }));
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Changes some names and leaves the others as they are; all of them or none. */
  async alter(
    resource: ConfigResource,
    changes: readonly ConfigChange[],
    validateOnly = false,
  ): Promise<void> {
    const connection = await this.#broker(resource);
    const answer = await connection.ask(API.INCREMENTAL_ALTER_CONFIGS, {
      resources: [
        {
          resourceType: resource.type,
          resourceName: resource.name,
          configs: changes.map(({ name, value }) => ({
            name,
            configOperation: value === null ? OPERATION_DELETE : OPERATION_SET,
            value,
          })),
        },
      ],
      validateOnly,
    });
    const result = onlyAnswer(answer.responses, wordsFor(resource));
    refuseError(result.errorCode, result.errorMessage, wordsFor(resource));
  }

  /** A broker's own configuration is known to that broker only. */
  #broker(resource: ConfigResource): Promise<Connection> {
    const { type, name } = resource;
    if (type !== RESOURCE_TYPE.BROKER || !/^\d+$/.test(name)) return this.#cluster.any();
    return this.#cluster.node(Number(name));
  }
}

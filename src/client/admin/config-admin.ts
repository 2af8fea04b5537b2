import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import { throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import {
  CONFIG_SOURCES,
  CONFIG_TYPES,
  type ConfigEntry,
  type ConfigSource,
} from './config-entry.ts';
import {
  type ConfigResource,
  type ConfigResourceType,
  resourceKey,
  resourceText,
  resourceTypeName,
  resourceTypeNumber,
} from './config-resource.ts';
import { ConfigRoute } from './config-route.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';
import type { ChangeOptions } from './topic-admin.ts';

/** A change of one name. */
export interface ConfigChange {
  readonly name: string;
  /** Null with `set` deletes the value, so that the default holds again. */
  readonly value: string | null;
  /** `append` and `subtract` change a list. */
  readonly operation?: 'set' | 'delete' | 'append' | 'subtract';
}

/** The changes of one resource. */
export interface ConfigChanges {
  readonly resource: ConfigResource;
  readonly changes: readonly ConfigChange[];
}

export interface DescribeConfigsOptions extends CallOptions {
  /** Only these names. */
  readonly names?: readonly string[];
  readonly synonyms?: boolean;
  readonly documentation?: boolean;
}

const OPERATIONS = { set: 0, delete: 1, append: 2, subtract: 3 } as const;
/** The version from which on ListConfigResources knows types; before it has client metrics only. */
const TYPES_VERSION = 1;
const CLIENT_METRICS = 16;

/** Configurations of topics, brokers, groups, client metrics and loggers. */
export class ConfigAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** All entries of each resource by name. */
  describe(
    resources: readonly ConfigResource[],
    options: DescribeConfigsOptions = {},
  ): Promise<Outcomes<ConfigResource, ConfigEntry[]>> {
    const { names, synonyms = false, documentation = false } = options;
    const work = {
      what: 'the description of configurations',
      keys: resources,
      route: new ConfigRoute(this.#link.cluster),
      subjectOf: resourceText,
      ask: async (
        connection: Connection,
        asked: readonly ConfigResource[],
        outcomes: Map<ConfigResource, Outcome<ConfigEntry[]>>,
      ) => {
        const answer = await connection.ask(API.DESCRIBE_CONFIGS, {
          resources: asked.map(({ type, name }) => ({
            resourceType: resourceTypeNumber(type),
            resourceName: name,
            configurationKeys: names === undefined ? null : [...names],
          })),
          includeSynonyms: synonyms,
          includeDocumentation: documentation,
        });
        settle(asked, answer.results, outcomes, entriesOf);
      },
    };
    return this.#link.run(work, options);
  }

  /**
   * Changes some names of each resource and leaves the others as they are; of one resource all or
   * none. Null stands for a resource that is changed.
   */
  alter(
    changes: readonly ConfigChanges[],
    options: ChangeOptions = {},
  ): Promise<Outcomes<ConfigResource, null>> {
    const byResource = new Map(changes.map((each) => [each.resource, each.changes]));
    const { validateOnly = false } = options;
    const work = {
      what: 'the change of configurations',
      keys: byResource.keys(),
      route: new ConfigRoute(this.#link.cluster),
      subjectOf: resourceText,
      ask: async (
        connection: Connection,
        asked: readonly ConfigResource[],
        outcomes: Map<ConfigResource, Outcome<null>>,
      ) => {
        const answer = await connection.ask(API.INCREMENTAL_ALTER_CONFIGS, {
          resources: asked.map((resource) => ({
            resourceType: resourceTypeNumber(resource.type),
            resourceName: resource.name,
            configs: byResource.get(resource)!.map(alterable),
          })),
          validateOnly,
        });
        settle(asked, answer.responses, outcomes, () => null);
      },
    };
    return this.#link.run(work, options);
  }

  /** The resources that have a configuration of their own; all types without any named. */
  listResources(
    types: readonly ConfigResourceType[] = [],
    options?: CallOptions,
  ): Promise<ConfigResource[]> {
    const work = {
      what: 'the list of configured resources',
      keys: [''],
      route: new AnyRoute<string>(this.#link.cluster),
      subjectOf: () => 'configured resources',
      ask: async (
        connection: Connection,
        _: readonly string[],
        outcomes: Map<string, Outcome<ConfigResource[]>>,
      ) => {
        const numbers = types.map(resourceTypeNumber);
        const onlyMetrics = numbers.length > 0 && numbers.every((each) => each === CLIENT_METRICS);
        const answer = await connection.ask(API.LIST_CONFIG_RESOURCES, (version) =>
          version < TYPES_VERSION && onlyMetrics ? {} : { resourceTypes: numbers },
        );
        throwAnswerError(answer.errorCode, null, 'configured resources');
        const listed = answer.configResources.map(({ resourceType, resourceName: name }) => ({
          type: resourceTypeName(resourceType),
          name,
        }));
        outcomes.set('', listed);
      },
    };
    return this.#link.runOne(work, options);
  }
}

interface ResourceAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

function settle<Answer extends ResourceAnswer, Value>(
  asked: readonly ConfigResource[],
  answers: readonly Answer[],
  outcomes: Map<ConfigResource, Outcome<Value>>,
  read: (answer: Answer) => Value,
): void {
  const answered = new Map<string, Answer>();
  for (const each of answers) answered.set(`${each.resourceType}/${each.resourceName}`, each);
  for (const resource of asked) {
    const answer = answered.get(resourceKey(resource));
    if (answer === undefined) continue;
    const { errorCode, errorMessage } = answer;
    const subject = resourceText(resource);
    outcomes.set(
      resource,
      outcomeOf(errorCode, errorMessage, subject, () => read(answer)),
    );
  }
}

type DescribedResource = ResponseOf<typeof API.DESCRIBE_CONFIGS>['results'][number];

function entriesOf({ configs }: DescribedResource): ConfigEntry[] {
  const entries = configs.map((config) => ({
    name: config.name,
    value: config.value,
    source: sourceOf(config.configSource),
    type: CONFIG_TYPES[config.configType] ?? 'unknown',
    readOnly: config.readOnly,
    sensitive: config.isSensitive,
    documentation: config.documentation,
    synonyms: config.synonyms.map(({ name, value, source }) => {
      return { name, value, source: sourceOf(source) };
    }),
  }));
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function sourceOf(code: number): ConfigSource {
  return CONFIG_SOURCES[code] ?? 'UNKNOWN';
}

function alterable({ name, value, operation = 'set' }: ConfigChange) {
  const isDeleted = operation === 'set' && value === null;
  return { name, configOperation: isDeleted ? OPERATIONS.delete : OPERATIONS[operation], value };
}

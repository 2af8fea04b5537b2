import { API } from '../../protocol/api-keys.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminParts } from './admin.ts';
import { isNotController, throwFirst } from './admin-topics.ts';
import type {
  ConfigEntries,
  DescribeConfigResponse,
  IResourceConfig,
  ResourceConfigQuery,
  ResourceResult,
} from './admin-types.ts';
import { invalid } from './checks.ts';
import { ConfigResourceTypes, ConfigSource } from './constants.ts';
import { retriedBut } from './retry.ts';

interface Resource {
  readonly type: ConfigResourceTypes;
  readonly name: string;
}

function checkResources(resources: readonly Resource[]): void {
  if (!resources || !Array.isArray(resources))
    throw invalid(`Invalid resources array ${resources}`);
  if (resources.length === 0) throw invalid('Resources array cannot be empty');
  const known: readonly number[] = Object.values(ConfigResourceTypes);
  const badType = resources.find(({ type }) => !known.includes(type));
  if (badType !== undefined) {
    throw invalid(`Invalid resource type ${badType.type}: ${JSON.stringify(badType)}`);
  }
  const badName = resources.find(({ name }) => !name || typeof name !== 'string');
  if (badName !== undefined) {
    throw invalid(`Invalid resource name ${badName.name}: ${JSON.stringify(badName)}`);
  }
}

/** What concerns one broker is asked of it, the rest of the controller. */
async function byBroker<R extends Resource, T>(
  { cluster }: AdminParts,
  resources: readonly R[],
  work: (connection: Connection, resources: readonly R[]) => Promise<T[]>,
): Promise<T[]> {
  const groups = new Map<string, R[]>();
  for (const each of resources) {
    const isOwn =
      each.type === ConfigResourceTypes.BROKER || each.type === ConfigResourceTypes.BROKER_LOGGER;
    const key = isOwn ? each.name : '';
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  await cluster.refreshMetadata();
  const asked = Array.from(groups, ([nodeId, list]) => {
    if (nodeId === '') return cluster.askController((connection) => work(connection, list));
    return cluster.askNode(Number(nodeId), (connection) => work(connection, list));
  });
  return (await Promise.all(asked)).flat();
}

export async function describeConfigs(
  parts: AdminParts,
  options: {
    readonly resources: ResourceConfigQuery[];
    readonly includeSynonyms?: boolean | undefined;
  },
): Promise<DescribeConfigResponse> {
  const { resources, includeSynonyms = false } = options;
  checkResources(resources);
  const bad = resources.find(({ configNames: names }) => names != null && !Array.isArray(names));
  if (bad !== undefined) {
    throw invalid(`Invalid resource configNames ${bad.configNames}: ${JSON.stringify(bad)}`);
  }
  const found = await retriedBut(parts.retry, isNotController, () =>
    byBroker(parts, resources, async (connection, list) => {
      const answer = await connection.ask(API.DESCRIBE_CONFIGS, {
        resources: list.map(({ type, name, configNames }) => ({
          resourceType: type,
          resourceName: name,
          configurationKeys:
            configNames === undefined || configNames.length === 0 ? null : configNames,
        })),
        includeSynonyms,
      });
      throwFirst(answer.results);
      return answer.results.map(({ configs, ...result }) => {
        return { ...resultOf(result), configEntries: configs.map(entryOf) };
      });
    }),
  );
  return { resources: found };
}

function resultOf({
  errorCode,
  errorMessage,
  resourceName,
  resourceType,
}: {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceName: string;
  readonly resourceType: number;
}): ResourceResult {
  const type = resourceType as ConfigResourceTypes;
  return { errorCode, errorMessage, resourceName, resourceType: type };
}

function entryOf(entry: {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: readonly { name: string; value: string | null; source: number }[];
}): ConfigEntries {
  return {
    configName: entry.name,
    configValue: entry.value,
    readOnly: entry.readOnly,
    isDefault: entry.configSource === ConfigSource.DEFAULT_CONFIG,
    configSource: entry.configSource as ConfigSource,
    isSensitive: entry.isSensitive,
    configSynonyms: entry.synonyms.map(({ name, value, source }) => {
      return { configName: name, configValue: value, configSource: source as ConfigSource };
    }),
  };
}

export async function alterConfigs(
  parts: AdminParts,
  options: { readonly resources: IResourceConfig[]; readonly validateOnly?: boolean | undefined },
): Promise<{ resources: ResourceResult[] }> {
  const { resources, validateOnly = false } = options;
  checkResources(resources);
  const bad = resources.find(({ configEntries }) => !Array.isArray(configEntries));
  if (bad !== undefined) {
    throw invalid(`Invalid resource configEntries ${bad.configEntries}: ${JSON.stringify(bad)}`);
  }
  const badValue = resources.find(({ configEntries }) =>
    configEntries.some(({ name, value }) => typeof name !== 'string' || typeof value !== 'string'),
  );
  if (badValue !== undefined) {
    throw invalid(`Invalid resource config value: ${JSON.stringify(badValue)}`);
  }
  const altered = await retriedBut(parts.retry, isNotController, () =>
    byBroker(parts, resources, async (connection, list) => {
      const answer = await connection.ask(API.ALTER_CONFIGS, {
        resources: list.map(({ type, name, configEntries }) => ({
          resourceType: type,
          resourceName: name,
          configs: configEntries.map((each) => ({ name: each.name, value: each.value })),
        })),
        validateOnly: Boolean(validateOnly),
      });
      throwFirst(answer.responses);
      return answer.responses.map(resultOf);
    }),
  );
  return { resources: altered };
}

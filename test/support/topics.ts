import { API } from '../../src/protocol/api-keys.ts';
import type { WireClient } from './wire-client.ts';

type Configs = Readonly<Record<string, string>>;

const TOPIC = 2;
const SET = 0;
const TIMEOUT_MS = 10_000;

/** Throws if the topic cannot be created. */
export async function createTopic(
  client: WireClient,
  name: string,
  configs: Configs = {},
  numPartitions = 1,
): Promise<void> {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const sizes = { numPartitions, replicationFactor: 1, assignments: [] };
  const answer = await client.ask(API.CREATE_TOPICS, 7, {
    topics: [{ name, ...sizes, configs: entries }],
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  });
  const { errorCode, errorMessage } = answer.topics[0]!;
  if (errorCode !== 0) throw new Error(`CreateTopics: ${errorMessage}`);
}

/** Sets configurations of a topic. Throws if they are refused. */
export async function alterTopic(
  client: WireClient,
  name: string,
  configs: Configs,
): Promise<void> {
  const entries = Object.entries(configs).map(([key, value]) => {
    return { name: key, configOperation: SET, value };
  });
  const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
    resources: [{ resourceType: TOPIC, resourceName: name, configs: entries }],
    validateOnly: false,
  });
  const { errorCode, errorMessage } = answer.responses[0]!;
  if (errorCode !== 0) throw new Error(`IncrementalAlterConfigs: ${errorMessage}`);
}

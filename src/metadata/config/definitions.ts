import { availableParallelism } from 'node:os';
import { CLUSTER_DEFINITIONS } from './broker-cluster-definitions.ts';
import { GROUP_COORDINATION_DEFINITIONS } from './broker-groups-definitions.ts';
import { LOG_DEFINITIONS } from './broker-log-definitions.ts';
import { NETWORK_DEFINITIONS } from './broker-network-definitions.ts';
import { SECURITY_DEFINITIONS } from './broker-security-definitions.ts';
import type { ConfigDefinition, ConfigDefinitions } from './config-definition.ts';
import { GROUP_DEFINITIONS } from './group-definitions.ts';
import { MILLRACE_DEFINITIONS } from './millrace-definitions.ts';
import { parseDefinitions } from './parse-definitions.ts';
import { TOPIC_DEFINITIONS } from './topic-definitions.ts';

/** Everything that server.properties may say. */
export const BROKER_CONFIGS: ConfigDefinitions = brokerDefinitions();

/** Everything that a topic may say. */
export const TOPIC_CONFIGS: ConfigDefinitions = parseDefinitions([TOPIC_DEFINITIONS]);

/** Everything that a group may say. */
export const GROUP_CONFIGS: ConfigDefinitions = parseDefinitions([GROUP_DEFINITIONS]);

/** With two processors the front shares them with its clients: a thread more only adds wakes. */
function defaultWorkerThreads(): number {
  const processors = availableParallelism();
  return processors <= 2 ? 0 : processors - 1;
}

function brokerDefinitions(): ConfigDefinitions {
  const parsed = parseDefinitions([
    NETWORK_DEFINITIONS,
    LOG_DEFINITIONS,
    GROUP_COORDINATION_DEFINITIONS,
    CLUSTER_DEFINITIONS,
    SECURITY_DEFINITIONS,
    MILLRACE_DEFINITIONS,
  ]);
  const definitions = new Map<string, ConfigDefinition>(parsed);
  const threads = parsed.get('num.io.threads')!;
  definitions.set(threads.name, { ...threads, defaultValue: String(defaultWorkerThreads()) });
  return definitions;
}

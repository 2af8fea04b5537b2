import { availableParallelism } from 'node:os';
import { AUTHORIZER_DEFINITIONS } from './authorizer-definitions.ts';
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

/** All configurations of server.properties. */
export const BROKER_CONFIGS: ConfigDefinitions = brokerDefinitions();

/** All configurations of a topic. */
export const TOPIC_CONFIGS: ConfigDefinitions = parseDefinitions([TOPIC_DEFINITIONS]);

/** All configurations of a group. */
export const GROUP_CONFIGS: ConfigDefinitions = parseDefinitions([GROUP_DEFINITIONS]);

/** On two processors another thread only adds wakes: the front and its clients use both. */
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
    AUTHORIZER_DEFINITIONS,
    MILLRACE_DEFINITIONS,
  ]);
  const definitions = new Map<string, ConfigDefinition>(parsed);
  const threads = parsed.get('num.io.threads')!;
  definitions.set(threads.name, { ...threads, defaultValue: String(defaultWorkerThreads()) });
  return definitions;
}

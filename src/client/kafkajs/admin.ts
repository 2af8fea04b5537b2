import { createAcls, deleteAcls, describeAcls } from './admin-acls.ts';
import { alterConfigs, describeConfigs } from './admin-configs.ts';
import { deleteGroups, listGroups } from './admin-groups.ts';
import {
  deleteTopicRecords,
  fetchOffsets,
  fetchTopicOffsets,
  offsetsByTimestamp,
  resetOffsets,
  setOffsets,
} from './admin-offsets.ts';
import { alterReassignments, listReassignments } from './admin-reassignments.ts';
import { createPartitions, createTopics, deleteTopics } from './admin-topics.ts';
import type { Admin } from './admin-types.ts';
import { requireTopic } from './checks.ts';
import type { FacadeCluster } from './cluster.ts';
import { ADMIN_EVENTS, type Instrumentation } from './events.ts';
import { describeGroups } from './group-requests.ts';
import { retried } from './retry.ts';
import type { Logger, On, RetryOptions } from './types.ts';

export interface AdminParts {
  readonly cluster: FacadeCluster;
  readonly logger: Logger;
  readonly instrumentation: Instrumentation;
  readonly retry: RetryOptions;
}

type Call<Name extends keyof Admin> = Admin[Name];

/** KafkaJS's admin. Each call is one request to the broker that it concerns. */
export class FacadeAdmin implements Admin {
  readonly events = ADMIN_EVENTS;
  readonly on: On;
  readonly #parts: AdminParts;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.on = parts.instrumentation.on;
  }

  readonly logger = (): Logger => this.#parts.logger;

  readonly connect = async (): Promise<void> => {
    await this.#parts.cluster.connect();
    this.#parts.instrumentation.emit(ADMIN_EVENTS.CONNECT);
  };

  readonly disconnect = async (): Promise<void> => {
    await this.#parts.cluster.disconnect();
    this.#parts.instrumentation.emit(ADMIN_EVENTS.DISCONNECT);
  };

  readonly listTopics = async (): Promise<string[]> => {
    const { topicMetadata } = await this.#parts.cluster.metadata();
    return topicMetadata.map(({ topic }) => topic);
  };

  readonly fetchTopicMetadata: Call<'fetchTopicMetadata'> = async ({ topics = [] } = {}) => {
    for (const topic of topics) requireTopic(topic);
    const { topicMetadata } = await this.#parts.cluster.metadata({ topics });
    return {
      topics: topicMetadata.map(({ topic: name, partitionMetadata: partitions }) => {
        return { name, partitions };
      }),
    };
  };

  readonly describeCluster: Call<'describeCluster'> = async () => {
    const { brokers, clusterId, controllerId } = await this.#parts.cluster.metadata();
    return {
      brokers: brokers.map(({ nodeId, host, port }) => ({ nodeId, host, port })),
      controller: controllerId === -1 ? null : controllerId,
      clusterId,
    };
  };

  readonly describeGroups: Call<'describeGroups'> = async (groupIds) => {
    const { cluster, retry } = this.#parts;
    return { groups: await retried(retry, () => describeGroups(cluster, groupIds)) };
  };

  readonly createTopics: Call<'createTopics'> = (options) => createTopics(this.#parts, options);
  readonly deleteTopics: Call<'deleteTopics'> = (options) => deleteTopics(this.#parts, options);
  readonly createPartitions: Call<'createPartitions'> = (options) => {
    return createPartitions(this.#parts, options);
  };
  readonly fetchOffsets: Call<'fetchOffsets'> = (options) => fetchOffsets(this.#parts, options);
  readonly fetchTopicOffsets: Call<'fetchTopicOffsets'> = (topic) => {
    return fetchTopicOffsets(this.#parts, topic);
  };
  readonly fetchTopicOffsetsByTimestamp: Call<'fetchTopicOffsetsByTimestamp'> = (topic, time) => {
    return offsetsByTimestamp(this.#parts, topic, time);
  };
  readonly setOffsets: Call<'setOffsets'> = (options) => setOffsets(this.#parts, options);
  readonly resetOffsets: Call<'resetOffsets'> = (options) => resetOffsets(this.#parts, options);
  readonly describeConfigs: Call<'describeConfigs'> = (options) => {
    return describeConfigs(this.#parts, options);
  };
  readonly alterConfigs: Call<'alterConfigs'> = (options) => alterConfigs(this.#parts, options);
  readonly listGroups: Call<'listGroups'> = () => listGroups(this.#parts);
  readonly deleteGroups: Call<'deleteGroups'> = (ids) => deleteGroups(this.#parts, ids);
  readonly describeAcls: Call<'describeAcls'> = (filter) => describeAcls(this.#parts, filter);
  readonly deleteAcls: Call<'deleteAcls'> = (options) => deleteAcls(this.#parts, options);
  readonly createAcls: Call<'createAcls'> = (options) => createAcls(this.#parts, options);
  readonly deleteTopicRecords: Call<'deleteTopicRecords'> = (options) => {
    return deleteTopicRecords(this.#parts, options);
  };
  readonly alterPartitionReassignments: Call<'alterPartitionReassignments'> = (options) => {
    return alterReassignments(this.#parts, options);
  };
  readonly listPartitionReassignments: Call<'listPartitionReassignments'> = (options = {}) => {
    return listReassignments(this.#parts, options);
  };
}

import type { AclRule } from '../../metadata/acl-rule.ts';
import type { ConfigTexts } from '../../metadata/config/broker-config.ts';
import type { MetadataImage } from '../../metadata/image.ts';
import { ShardedMap } from '../../metadata/sharded-map.ts';

/** A controller of the cluster, as it registered. */
export interface ControllerMetadata {
  readonly id: number;
  readonly incarnationId: string;
  readonly endpoints: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  readonly features: ReadonlyMap<string, readonly [lowest: number, highest: number]>;
}

/** The metadata of a cluster that Kafka's controllers decide about. It never changes. */
export interface ClusterImage extends MetadataImage {
  /** By id as text. */
  readonly controllers: ReadonlyMap<string, ControllerMetadata>;
  /** The rules of access by the ids that the controllers gave them. */
  readonly aclsById: ReadonlyMap<string, AclRule>;
  /**
   * Configurations of what has no place of its own in the image, by `configKey`: client metrics,
   * and topics that the log configures before it creates them.
   */
  readonly otherConfigs: ReadonlyMap<string, ConfigTexts>;
  /** The last record of the log that is in the image, -1 before there is one. */
  readonly offset: number;
  readonly epoch: number;
  readonly timestampMs: number;
}

export function configKey(resourceType: number, name: string): string {
  return `${resourceType} ${name}`;
}

/** Before anything of the log is known. */
export function emptyClusterImage(clusterId: string, nodeId: number): ClusterImage {
  return {
    clusterId,
    nodeId,
    brokerEpoch: -1,
    brokers: new ShardedMap(),
    topicsByName: new ShardedMap(),
    topicsById: new ShardedMap(),
    namesByCollisionForm: new ShardedMap(),
    deletedTopics: new ShardedMap(),
    partitionCount: 0,
    brokerConfigs: new ShardedMap(),
    groupConfigs: new ShardedMap(),
    quotas: new ShardedMap(),
    scramCredentials: new ShardedMap(),
    acls: new ShardedMap(),
    delegationTokens: new ShardedMap(),
    nextProducerId: 0,
    features: new ShardedMap(),
    controllers: new ShardedMap(),
    aclsById: new ShardedMap(),
    otherConfigs: new ShardedMap(),
    offset: -1,
    epoch: 0,
    timestampMs: -1,
  };
}

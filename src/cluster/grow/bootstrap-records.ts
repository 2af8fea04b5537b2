import type { ConfigTexts } from '../../metadata/config/broker-config.ts';
import type { MetadataImage, TopicMetadata } from '../../metadata/image.ts';
import { CONFIG_RESOURCE } from '../../metadata/plan-configs.ts';
import { SCRAM_MECHANISM } from '../../metadata/scram-credential.ts';
import { randomUuid } from '../../metadata/uuid.ts';
import type { KraftRecord } from '../../protocol/metadata-record-table.ts';
import { featureRange, type Registration } from '../membership/registration.ts';

/** The epoch that the broker counts as registered with before it ever was. */
export const GROWN_EPOCH = 1;
const BYTES = 'base64';

/**
 * The metadata of a node that decided alone, as the first records of a cluster in which it is the
 * only broker. It counts as fenced, stopped cleanly in its epoch, and the leader of all partitions.
 */
export function bootstrapRecords(
  image: MetadataImage,
  registration: Registration,
  levels: ReadonlyMap<string, number>,
): KraftRecord[] {
  return [
    ...[...levels].map(([name, featureLevel]) => {
      return { kind: 'featureLevel', body: { name, featureLevel } } as const;
    }),
    registeredBroker(registration),
    ...[...image.topicsByName.values()].flatMap((topic) => topicRecords(topic, registration)),
    ...configRecords(CONFIG_RESOURCE.BROKER, image.brokerConfigs),
    ...configRecords(CONFIG_RESOURCE.GROUP, image.groupConfigs),
    ...quotaRecords(image),
    ...scramRecords(image),
    ...aclRecords(image),
    {
      kind: 'producerIds',
      body: {
        brokerId: registration.nodeId,
        brokerEpoch: GROWN_EPOCH,
        nextProducerId: image.nextProducerId,
      },
    },
  ];
}

function registeredBroker(registration: Registration): KraftRecord {
  const { nodeId, incarnationId, listeners, features, rack, directoryIds } = registration;
  return {
    kind: 'registerBroker',
    body: {
      brokerId: nodeId,
      isMigratingZkBroker: false,
      incarnationId,
      brokerEpoch: GROWN_EPOCH,
      endPoints: [...listeners],
      features: features.map(featureRange),
      rack,
      fenced: true,
      inControlledShutdown: false,
      logDirs: [...directoryIds],
      cordonedLogDirs: null,
    },
  };
}

function topicRecords(topic: TopicMetadata, { nodeId, directoryIds }: Registration): KraftRecord[] {
  const { name, id: topicId, partitions, configs } = topic;
  const replicas = [nodeId];
  return [
    { kind: 'topic', body: { name, topicId } },
    ...partitions.map(({ index, leaderEpoch, partitionEpoch }): KraftRecord => {
      return {
        kind: 'partition',
        body: {
          partitionId: index,
          topicId,
          replicas,
          isr: replicas,
          removingReplicas: [],
          addingReplicas: [],
          leader: nodeId,
          leaderRecoveryState: 0,
          leaderEpoch,
          partitionEpoch,
          directories: [...directoryIds],
          eligibleLeaderReplicas: null,
          lastKnownElr: null,
        },
      };
    }),
    ...configsOf(CONFIG_RESOURCE.TOPIC, name, configs),
  ];
}

function configRecords(
  resourceType: number,
  resources: ReadonlyMap<string, ConfigTexts>,
): KraftRecord[] {
  return [...resources].flatMap(([name, configs]) => configsOf(resourceType, name, configs));
}

function configsOf(resourceType: number, resourceName: string, configs: ConfigTexts) {
  return [...configs].map(([name, value]): KraftRecord => {
    return { kind: 'config', body: { resourceType, resourceName, name, value } };
  });
}

function quotaRecords({ quotas }: MetadataImage): KraftRecord[] {
  return [...quotas.values()].flatMap(({ entity, values }) => {
    const named = entity.map(([entityType, entityName]) => ({ entityType, entityName }));
    return [...values].map(([key, value]): KraftRecord => {
      return { kind: 'clientQuota', body: { entity: named, key, value, remove: false } };
    });
  });
}

function scramRecords({ scramCredentials }: MetadataImage): KraftRecord[] {
  return [...scramCredentials.values()].map((credential): KraftRecord => {
    const { user: name, mechanism, iterations, salt, storedKey, serverKey } = credential;
    return {
      kind: 'userScramCredential',
      body: {
        name,
        mechanism: SCRAM_MECHANISM[mechanism],
        salt: Buffer.from(salt, BYTES),
        storedKey: Buffer.from(storedKey, BYTES),
        serverKey: Buffer.from(serverKey, BYTES),
        iterations,
      },
    };
  });
}

function aclRecords({ acls }: MetadataImage): KraftRecord[] {
  return [...acls.values()].map(({ permission: permissionType, ...rule }): KraftRecord => {
    return { kind: 'accessControlEntry', body: { ...rule, permissionType, id: randomUuid() } };
  });
}

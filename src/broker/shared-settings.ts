import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import type { SharedSettings } from './worker-crew.ts';

/** What every worker is started with. */
export function sharedSettings(settings: BrokerSettings, wasClean: boolean): SharedSettings {
  const { cluster, nodeId } = settings;
  return {
    wasClean,
    replication:
      cluster === null
        ? null
        : {
            nodeId,
            lagTimeMaxMs: cluster.lagTimeMaxMs,
            answerLimitMs: settings.groups.offsetsCommitTimeoutMs,
          },
    retentionCheckMs: settings.logs.retentionCheckMs,
    producerIdsMax: settings.topics.producerIdsPerPartitionMax,
    ...logRules(settings),
  };
}

/** Settings that the workers are told again when they change. */
export function logRules(settings: BrokerSettings) {
  return {
    producerExpiryMs: settings.topics.producerIdExpirationMs,
    freeBytesMin: settings.logDirMinFreeBytes,
  };
}

/** Every check, in the order in which they run. */

import { clientSuiteChecks } from './client-suite.mjs';
import { clusterChecks } from './cluster.mjs';
import { clusterBrokerChecks } from './cluster-broker.mjs';
import { clusterCopierChecks } from './cluster-copier.mjs';
import { clusterCutChecks } from './cluster-cuts.mjs';
import { clusterDirectoryChecks } from './cluster-directories.mjs';
import { clusterDivergenceChecks } from './cluster-divergence.mjs';
import { clusterKafkatestChecks } from './cluster-kafkatest.mjs';
import { clusterManyPartitionChecks } from './cluster-many-partitions.mjs';
import { clusterReplicaFaultChecks } from './cluster-replica-faults.mjs';
import { clusterReplicaChecks } from './cluster-replicas.mjs';
import { clusterSecuredChecks } from './cluster-secured.mjs';
import { clusterSuiteChecks } from './cluster-suites.mjs';
import { confluentSuiteChecks } from './confluent-suite.mjs';
import { gatewayChecks } from './gateway.mjs';
import { gatewayPageChecks } from './gateway-page.mjs';
import { gatewayWebsocatChecks } from './gateway-websocat.mjs';
import { groupChecks } from './groups.mjs';
import { idempotenceChecks } from './idempotence.mjs';
import { kafkaToolChecks } from './kafka-tools.mjs';
import { kafkaJsSuiteChecks } from './kafkajs-suite.mjs';
import { kcatChecks } from './kcat.mjs';
import { kfakeChecks } from './kfake.mjs';
import { partitionerChecks } from './partitioners.mjs';
import { roundTripChecks } from './round-trips.mjs';
import { securedClientChecks } from './secured-clients.mjs';
import { securityToolChecks } from './security-tools.mjs';
import { stormChecks } from './storms.mjs';
import { streamsChecks } from './streams.mjs';
import { streamsDriverChecks } from './streams-drivers.mjs';
import { streamsGroupChecks } from './streams-groups.mjs';
import { streamsResetterChecks } from './streams-resetter.mjs';
import { suiteChecks } from './suites.mjs';
import { transactionChecks } from './transactions.mjs';
import { verifiableChecks } from './verifiable.mjs';

export const CHECKS = [
  ...kafkaToolChecks,
  ...kcatChecks,
  ...roundTripChecks,
  ...partitionerChecks,
  ...groupChecks,
  ...verifiableChecks,
  ...securedClientChecks,
  ...securityToolChecks,
  ...stormChecks,
  ...transactionChecks,
  ...gatewayChecks,
  ...gatewayPageChecks,
  ...gatewayWebsocatChecks,
  ...suiteChecks,
  ...kafkaJsSuiteChecks,
  ...confluentSuiteChecks,
  ...clientSuiteChecks,
  ...kfakeChecks,
  ...streamsChecks,
  ...streamsGroupChecks,
  ...streamsResetterChecks,
  ...streamsDriverChecks,
  ...clusterChecks,
  ...clusterBrokerChecks,
  ...clusterSecuredChecks,
  ...clusterReplicaChecks,
  ...clusterDirectoryChecks,
  ...clusterReplicaFaultChecks,
  ...idempotenceChecks,
  ...clusterDivergenceChecks,
  ...clusterCutChecks,
  ...clusterManyPartitionChecks,
  ...clusterKafkatestChecks,
  ...clusterCopierChecks,
  ...clusterSuiteChecks,
];

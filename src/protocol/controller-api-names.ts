/**
 * Kafka's names of the APIs that only controllers serve, by their keys: for log lines of nodes that
 * load no schema of them.
 */
export const CONTROLLER_API_NAMES: Readonly<Record<number, string>> = {
  56: 'AlterPartition',
  58: 'Envelope',
  59: 'FetchSnapshot',
  62: 'BrokerRegistration',
  63: 'BrokerHeartbeat',
  67: 'AllocateProducerIds',
  70: 'ControllerRegistration',
  73: 'AssignReplicasToDirs',
};

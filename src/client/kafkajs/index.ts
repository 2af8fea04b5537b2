/** KafkaJS 2.2.4's module, on this client: `import { Kafka } from 'millrace/kafkajs'`. */

export type * from './admin-types.ts';
export { AssignerProtocol } from './assigner-protocol.ts';
export {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  ConfigSource,
  logLevel,
  ResourcePatternTypes,
} from './constants.ts';
export type * from './consumer-types.ts';
export * from './errors.ts';
export type * from './event-types.ts';
export { Kafka } from './kafka.ts';
export { PartitionAssigners } from './partition-assigners.ts';
export { Partitioners } from './partitioners.ts';
export type * from './types.ts';

import { ALTER_PARTITION } from './schema/56-alter-partition.ts';
import { ENVELOPE } from './schema/58-envelope.ts';
import { FETCH_SNAPSHOT } from './schema/59-fetch-snapshot.ts';
import { BROKER_REGISTRATION } from './schema/62-broker-registration.ts';
import { BROKER_HEARTBEAT } from './schema/63-broker-heartbeat.ts';
import { ALLOCATE_PRODUCER_IDS } from './schema/67-allocate-producer-ids.ts';
import { CONTROLLER_REGISTRATION } from './schema/70-controller-registration.ts';
import { ASSIGN_REPLICAS_TO_DIRS } from './schema/73-assign-replicas-to-dirs.ts';

/**
 * The APIs that only controllers serve, by their keys. A broker asks them and clients never do, so
 * they are no part of API_TABLE. A single node loads none of them.
 */
export const CONTROLLER_API_TABLE = {
  56: ALTER_PARTITION,
  58: ENVELOPE,
  59: FETCH_SNAPSHOT,
  62: BROKER_REGISTRATION,
  63: BROKER_HEARTBEAT,
  67: ALLOCATE_PRODUCER_IDS,
  70: CONTROLLER_REGISTRATION,
  73: ASSIGN_REPLICAS_TO_DIRS,
} as const;

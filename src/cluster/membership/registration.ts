import type { Draft } from '../../protocol/frames.ts';
import type { BrokerRegistrationRequest } from '../../protocol/schema/62-broker-registration.ts';

/** What a broker tells the controllers of itself. */
export interface Registration {
  readonly clusterId: string;
  readonly nodeId: number;
  /** Of this run of the process. */
  readonly incarnationId: string;
  readonly listeners: readonly RegisteredListener[];
  readonly features: readonly SupportedFeature[];
  readonly rack: string | null;
  /** Of the log directories that are well. */
  readonly directoryIds: readonly string[];
  /** Of the last run, where its stop was clean; otherwise -1. */
  readonly previousEpoch: number;
}

export interface RegisteredListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Kafka's number of the security protocol. */
  readonly securityProtocol: number;
}

export interface SupportedFeature {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Version 4 tells features whose lowest level is 0. */
export const REGISTRATION_VERSION = 4;

/** A feature as requests and records of registrations have it. */
export function featureRange({ name, minVersion, maxVersion }: SupportedFeature) {
  return { name, minSupportedVersion: minVersion, maxSupportedVersion: maxVersion };
}

/** The registration as BrokerRegistration (62) has it. */
export function registrationBody(registration: Registration): Draft<BrokerRegistrationRequest> {
  const { nodeId, clusterId, incarnationId, listeners, features, rack } = registration;
  return {
    brokerId: nodeId,
    clusterId,
    incarnationId,
    listeners: [...listeners],
    features: features.map(featureRange),
    rack,
    isMigratingZkBroker: false,
    logDirs: [...registration.directoryIds],
    previousBrokerEpoch: registration.previousEpoch,
  };
}

import type { BrokerMetadata, BrokerRegistration } from '../../metadata/image.ts';
import type {
  BrokerRegistrationChangeRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
} from '../../protocol/schema/records-metadata-brokers.ts';
import type { ClusterImage, ControllerMetadata } from './cluster-image.ts';
import { CopiedMap } from './copied-map.ts';
import { corrupt } from './corrupt.ts';

interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

interface FeatureRange {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

/** The brokers and controllers of a new image. The base image is not changed. */
export class BrokersDraft {
  readonly #brokers: CopiedMap<BrokerMetadata>;
  readonly #controllers: CopiedMap<ControllerMetadata>;
  /** Ids of brokers that are other than in the base image, or gone. */
  readonly touched = new Set<number>();

  constructor(base: ClusterImage) {
    this.#brokers = new CopiedMap(base.brokers);
    this.#controllers = new CopiedMap(base.controllers);
  }

  register(record: RegisterBrokerRecord): void {
    const { brokerId, endPoints } = record;
    const protocols = endPoints.map(({ name, securityProtocol }) => {
      return [name, securityProtocol] as const;
    });
    this.#set({
      id: brokerId,
      epoch: record.brokerEpoch,
      fenced: record.fenced,
      rack: record.rack,
      endpoints: endpointsOf(endPoints),
      registration: {
        incarnationId: record.incarnationId,
        inControlledShutdown: record.inControlledShutdown,
        features: featuresOf(record.features),
        securityProtocols: new Map(protocols),
        logDirs: record.logDirs.toSorted(),
        cordonedLogDirs: record.cordonedLogDirs,
      },
    });
  }

  unregister(id: number): void {
    this.#brokers.writable().delete(String(id));
    this.touched.add(id);
  }

  fence(id: number, epoch: number, fenced: boolean): void {
    this.#set({ ...this.#registered(id, epoch), fenced });
  }

  /** 0 changes nothing, 1 fences or begins the shutdown, -1 unfences. */
  change(record: BrokerRegistrationChangeRecord): void {
    const broker = this.#registered(record.brokerId, record.brokerEpoch);
    const before = broker.registration as BrokerRegistration;
    const { fenced, inControlledShutdown, logDirs, cordonedLogDirs } = record;
    this.#set({
      ...broker,
      fenced: fenced === 0 ? broker.fenced : fenced > 0,
      registration: {
        ...before,
        inControlledShutdown:
          inControlledShutdown === 0 ? before.inControlledShutdown : inControlledShutdown > 0,
        logDirs: logDirs.length === 0 ? before.logDirs : logDirs.toSorted(),
        cordonedLogDirs: cordonedLogDirs ?? before.cordonedLogDirs,
      },
    });
  }

  registerController(record: RegisterControllerRecord): void {
    const id = record.controllerId;
    const { incarnationId, endPoints, features } = record;
    this.#controllers.writable().set(String(id), {
      id,
      incarnationId,
      endpoints: endpointsOf(endPoints),
      features: featuresOf(features),
    });
  }

  /** What the next image has of brokers. The draft must not be used any more. */
  finish() {
    return { brokers: this.#brokers.current, controllers: this.#controllers.current };
  }

  #registered(id: number, epoch: number): BrokerMetadata {
    const broker = this.#brokers.current.get(String(id));
    if (broker === undefined) throw corrupt(`a change of broker ${id}, which is not registered`);
    if (broker.epoch === epoch) return broker;
    throw corrupt(`a change of broker ${id} of epoch ${epoch}, which has epoch ${broker.epoch}`);
  }

  #set(broker: BrokerMetadata): void {
    this.#brokers.writable().set(String(broker.id), broker);
    this.touched.add(broker.id);
  }
}

function endpointsOf(listeners: readonly Listener[]) {
  return new Map(listeners.map(({ name, host, port }) => [name, { host, port }] as const));
}

function featuresOf(ranges: readonly FeatureRange[]) {
  return new Map(
    ranges.map(({ name, minSupportedVersion, maxSupportedVersion }) => {
      return [name, [minSupportedVersion, maxSupportedVersion] as const] as const;
    }),
  );
}

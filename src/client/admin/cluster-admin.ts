import { API, type ApiKey } from '../../protocol/api-keys.ts';
import { apiName } from '../../protocol/api-registry.ts';
import { throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { BrokerNode } from '../net/network.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { ControllerRoute } from './controller-route.ts';
import { brokerIds } from './every-broker.ts';
import { NodeRoute } from './node-route.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';
import type { ChangeOptions } from './topic-admin.ts';

/** A broker, and whether the controller has fenced it. */
export interface DescribedBroker extends BrokerNode {
  readonly isFenced: boolean;
}

/** The brokers of a cluster, and which of them is the controller. */
export interface ClusterDescription {
  readonly clusterId: string;
  /** -1 where it is not known. */
  readonly controllerId: number;
  readonly brokers: readonly DescribedBroker[];
}

export interface DescribeClusterOptions extends CallOptions {
  /** Fenced brokers too; from Apache Kafka 4.0 on. */
  readonly fencedBrokers?: boolean;
}

/** The versions of one API that a broker serves. */
export interface ApiVersionRange {
  readonly apiKey: number;
  /** Null where this client does not know the API. */
  readonly name: string | null;
  readonly lowest: number;
  readonly highest: number;
}

/** A feature: which levels the broker supports, and which one the cluster has agreed on. */
export interface FeatureDescription {
  readonly supported: { readonly lowest: number; readonly highest: number } | null;
  /** Null where the cluster has not agreed on one. */
  readonly finalized: number | null;
}

/** The features that brokers support, and the levels agreed on (KIP-584). */
export interface FeaturesDescription {
  /** -1 where nothing has been agreed on. */
  readonly epoch: number;
  readonly features: ReadonlyMap<string, FeatureDescription>;
}

/** To which level a feature goes. */
export interface FeatureUpdate {
  readonly feature: string;
  /** 0 removes the feature. */
  readonly level: number;
  readonly direction?: 'upgrade' | 'safe-downgrade' | 'unsafe-downgrade';
}

const UPGRADE_TYPES = { upgrade: 1, 'safe-downgrade': 2, 'unsafe-downgrade': 3 } as const;
const FENCED_VERSION = 2;
const SINGLE_ERROR_VERSION = 2;

/** The cluster as a whole: its brokers, their versions and features. */
export class ClusterAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The cluster's id, its brokers and its controller. */
  describe(options: DescribeClusterOptions = {}): Promise<ClusterDescription> {
    const { fencedBrokers = false } = options;
    return this.#link.askAny('the description of the cluster', options, async (connection) => {
      const answer = await connection.ask(API.DESCRIBE_CLUSTER, (version) => {
        const body = { includeClusterAuthorizedOperations: false };
        if (version < FENCED_VERSION && !fencedBrokers) return body;
        return { ...body, includeFencedBrokers: fencedBrokers };
      });
      throwAnswerError(answer.errorCode, answer.errorMessage, 'cluster');
      const { clusterId, controllerId } = answer;
      const brokers = answer.brokers.map(({ brokerId: id, host, port, rack, isFenced }) => {
        return { id, host, port, rack, isFenced };
      });
      return { clusterId, controllerId, brokers };
    });
  }

  /** The versions of each API that each broker serves; of all brokers without any named. */
  async apiVersions(
    brokers?: readonly number[],
    options?: CallOptions,
  ): Promise<Outcomes<number, ApiVersionRange[]>> {
    const work = {
      what: 'the versions of brokers',
      keys: brokers ?? (await brokerIds(this.#link, options)),
      route: new NodeRoute<number>(this.#link.cluster, (id) => id),
      subjectOf: (id: number) => `broker ${id}`,
      ask: async (
        connection: Connection,
        [id]: readonly number[],
        outcomes: Map<number, Outcome<ApiVersionRange[]>>,
      ) => {
        const answer = await askVersions(connection);
        const value = () =>
          answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => {
            return { apiKey, name: nameOf(apiKey), lowest: minVersion, highest: maxVersion };
          });
        outcomes.set(id!, outcomeOf(answer.errorCode, null, `broker ${id}`, value));
      },
    };
    return this.#link.run(work, options);
  }

  /** What the cluster can do and has agreed on, such as `transaction.version`. */
  features(options?: CallOptions): Promise<FeaturesDescription> {
    return this.#link.askAny('the description of features', options, async (connection) => {
      const answer = await askVersions(connection);
      throwAnswerError(answer.errorCode, null, 'features');
      const features = new Map<string, FeatureDescription>();
      for (const { name, minVersion: lowest, maxVersion: highest } of answer.supportedFeatures) {
        features.set(name, { supported: { lowest, highest }, finalized: null });
      }
      for (const { name, maxVersionLevel: finalized } of answer.finalizedFeatures) {
        features.set(name, { supported: features.get(name)?.supported ?? null, finalized });
      }
      return { epoch: answer.finalizedFeaturesEpoch, features };
    });
  }

  /** Null stands for a feature that has its level. From version 2 on all change, or none. */
  updateFeatures(
    updates: readonly FeatureUpdate[],
    options: ChangeOptions = {},
  ): Promise<Outcomes<string, null>> {
    const byName = new Map(updates.map((update) => [update.feature, update]));
    const { validateOnly = false } = options;
    const work = {
      what: 'the update of features',
      keys: byName.keys(),
      route: new ControllerRoute<string>(this.#link.cluster),
      subjectOf: featureText,
      ask: async (
        connection: Connection,
        names: readonly string[],
        outcomes: Map<string, Outcome<null>>,
        timeoutMs: number,
      ) => {
        const wanted = names.map((name) => byName.get(name)!);
        const version = connection.versionOf(API.UPDATE_FEATURES);
        const featureUpdates = wanted.map((each) => featureUpdate(each, version));
        const body =
          version === 0 && !validateOnly
            ? { timeoutMs, featureUpdates }
            : { timeoutMs, featureUpdates, validateOnly };
        const answer = await connection.askVersion(API.UPDATE_FEATURES, version, body);
        throwAnswerError(answer.errorCode, answer.errorMessage, 'features');
        if (version >= SINGLE_ERROR_VERSION) for (const name of names) outcomes.set(name, null);
        for (const { feature, errorCode, errorMessage } of answer.results) {
          const subject = featureText(feature);
          outcomes.set(
            feature,
            outcomeOf(errorCode, errorMessage, subject, () => null),
          );
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Takes a broker that is gone for good out of the cluster. */
  async unregisterBroker(brokerId: number, options?: CallOptions): Promise<void> {
    const what = `the removal of broker ${brokerId}`;
    await this.#link.askAny(what, options, async (connection) => {
      const answer = await connection.ask(API.UNREGISTER_BROKER, { brokerId });
      throwAnswerError(answer.errorCode, answer.errorMessage, `broker ${brokerId}`);
      return null;
    });
  }
}

function askVersions(connection: Connection) {
  const body = { clientSoftwareName: 'millrace', clientSoftwareVersion: 'admin' };
  return connection.ask(API.API_VERSIONS, body);
}

function nameOf(apiKey: number): string | null {
  const isKnown = Object.values(API).includes(apiKey as ApiKey);
  return isKnown ? apiName(apiKey as ApiKey) : null;
}

function featureText(feature: string): string {
  return `feature ${feature}`;
}

function featureUpdate({ feature, level, direction = 'upgrade' }: FeatureUpdate, version: number) {
  const update = { feature, maxVersionLevel: level };
  if (version === 0) return { ...update, allowDowngrade: direction !== 'upgrade' };
  return { ...update, upgradeType: UPGRADE_TYPES[direction] };
}

import type { ConfigTexts } from '../../metadata/config/broker-config.ts';
import { applyTexts } from '../../metadata/config-texts.ts';
import { type ClientQuota, NO_CONFIGS, quotaKey } from '../../metadata/image.ts';
import { CONFIG_RESOURCE } from '../../metadata/plan-configs.ts';
import type { MetadataRecord } from '../../metadata/records.ts';
import type { KraftRecord } from '../../protocol/metadata-record-table.ts';
import type {
  ClientQuotaRecord,
  ConfigRecord,
  FeatureLevelRecord,
} from '../../protocol/schema/records-metadata-configs.ts';
import type { MetadataPosition } from '../quorum/metadata-sink.ts';
import { BrokersDraft } from './brokers-draft.ts';
import { type ClusterImage, configKey, emptyClusterImage } from './cluster-image.ts';
import { CopiedMap } from './copied-map.ts';
import { corrupt } from './corrupt.ts';
import { SecurityDraft } from './security-draft.ts';
import { TopicsDraft } from './topics-draft.ts';

/** The quorum's own feature. Control records tell it, and the log may hold a wrong level of it. */
const KRAFT_VERSION = 'kraft.version';

/** What changed from one image to the next. */
export interface ClusterChange {
  readonly before: ClusterImage;
  readonly after: ClusterImage;
  /** Ids of topics that were made, changed or removed. */
  readonly topics: ReadonlySet<string>;
  readonly brokers: ReadonlySet<number>;
  /** Of the records of a node that decides alone, those that its listeners act on. */
  readonly records: readonly MetadataRecord[];
}

/** Takes the records of the metadata log. They do not change the image that it is based on. */
export class ClusterDraft {
  /** The image in force. A snapshot starts from an empty one and is compared with this. */
  readonly #before: ClusterImage;
  readonly #base: ClusterImage;
  readonly #topics: TopicsDraft;
  readonly #brokers: BrokersDraft;
  readonly #security: SecurityDraft;
  readonly #features: CopiedMap<number>;
  readonly #quotas: CopiedMap<ClientQuota>;
  readonly #brokerConfigs: CopiedMap<ConfigTexts>;
  readonly #groupConfigs: CopiedMap<ConfigTexts>;
  readonly #otherConfigs: CopiedMap<ConfigTexts>;
  #nextProducerId: number;

  private constructor(before: ClusterImage, base: ClusterImage) {
    this.#before = before;
    this.#base = base;
    this.#topics = new TopicsDraft(base);
    this.#brokers = new BrokersDraft(base);
    this.#security = new SecurityDraft(base);
    this.#features = new CopiedMap(base.features);
    this.#quotas = new CopiedMap(base.quotas);
    this.#brokerConfigs = new CopiedMap(base.brokerConfigs);
    this.#groupConfigs = new CopiedMap(base.groupConfigs);
    this.#otherConfigs = new CopiedMap(base.otherConfigs);
    this.#nextProducerId = base.nextProducerId;
  }

  /** For the records behind `image`. */
  static behind(image: ClusterImage): ClusterDraft {
    return new ClusterDraft(image, image);
  }

  /** For a snapshot, which takes the place of `image`. */
  static inPlaceOf(image: ClusterImage): ClusterDraft {
    return new ClusterDraft(image, emptyClusterImage(image.clusterId, image.nodeId));
  }

  /** Throws MILLRACE_CORRUPT for a record that does not fit what came before it. */
  apply(record: KraftRecord): void {
    switch (record.kind) {
      case 'topic': {
        const { name, topicId } = record.body;
        const key = configKey(CONFIG_RESOURCE.TOPIC, name);
        const configs = this.#otherConfigs.current.get(key);
        this.#topics.create(name, topicId, configs ?? NO_CONFIGS);
        if (configs !== undefined) this.#otherConfigs.writable().delete(key);
        break;
      }
      case 'partition':
        this.#topics.addPartition(record.body);
        break;
      case 'partitionChange':
        this.#topics.changePartition(record.body);
        break;
      case 'removeTopic':
        this.#topics.remove(record.body.topicId);
        break;
      case 'clearElr':
        this.#topics.clearElr(record.body);
        break;
      case 'config':
        this.#configure(record.body);
        break;
      default:
        this.#applyToBrokers(record);
    }
  }

  #applyToBrokers(record: KraftRecord): void {
    switch (record.kind) {
      case 'registerBroker':
        this.#brokers.register(record.body);
        break;
      case 'unregisterBroker':
        this.#brokers.unregister(record.body.brokerId);
        break;
      case 'fenceBroker':
        this.#brokers.fence(record.body.id, record.body.epoch, true);
        break;
      case 'unfenceBroker':
        this.#brokers.fence(record.body.id, record.body.epoch, false);
        break;
      case 'brokerRegistrationChange':
        this.#brokers.change(record.body);
        break;
      case 'registerController':
        this.#brokers.registerController(record.body);
        break;
      default:
        this.#applyOther(record);
    }
  }

  #applyOther(record: KraftRecord): void {
    switch (record.kind) {
      case 'featureLevel':
        this.#setFeature(record.body);
        break;
      case 'clientQuota':
        this.#setQuota(record.body);
        break;
      case 'producerIds':
        this.#nextProducerId = record.body.nextProducerId;
        break;
      case 'userScramCredential':
        this.#security.setScram(record.body);
        break;
      case 'removeUserScramCredential':
        this.#security.removeScram(record.body);
        break;
      case 'delegationToken':
        this.#security.setToken(record.body);
        break;
      case 'removeDelegationToken':
        this.#security.removeToken(record.body.tokenId);
        break;
      case 'accessControlEntry':
        this.#security.addAcl(record.body);
        break;
      case 'removeAccessControlEntry':
        this.#security.removeAcl(record.body.id);
        break;
      case 'noOp':
      case 'zkMigration':
        break;
      default:
        throw corrupt(`a record of type ${record.kind} that was not taken out before`);
    }
  }

  #configure({ resourceType, resourceName, name, value }: ConfigRecord): void {
    const changes = [[name, value]] as const;
    if (resourceType === CONFIG_RESOURCE.TOPIC && this.#topics.configure(resourceName, changes)) {
      return;
    }
    let configs = this.#otherConfigs;
    let key = configKey(resourceType, resourceName);
    if (resourceType === CONFIG_RESOURCE.BROKER) configs = this.#brokerConfigs;
    if (resourceType === CONFIG_RESOURCE.GROUP) configs = this.#groupConfigs;
    if (configs !== this.#otherConfigs) key = resourceName;
    applyTexts(configs.writable(), key, changes);
  }

  #setFeature({ name, featureLevel }: FeatureLevelRecord): void {
    if (name === KRAFT_VERSION) return;
    if (featureLevel === 0) this.#features.writable().delete(name);
    else this.#features.writable().set(name, featureLevel);
  }

  #setQuota(record: ClientQuotaRecord): void {
    const entity = record.entity
      .map(({ entityType, entityName }) => [entityType, entityName] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const key = quotaKey(entity);
    const values = new Map(this.#quotas.current.get(key)?.values);
    if (record.remove) values.delete(record.key);
    else values.set(record.key, record.value);
    if (values.size === 0) this.#quotas.writable().delete(key);
    else this.#quotas.writable().set(key, { entity, values });
  }

  /** The next image and what is new in it. The draft must not be used any more. */
  finish({ offset, epoch, timestampMs }: MetadataPosition): ClusterChange {
    const before = this.#before;
    const topics = new Set(this.#topics.touched);
    const brokers = new Set(this.#brokers.touched);
    if (this.#base !== before) {
      for (const id of before.topicsById.keys()) topics.add(id);
      for (const { id } of before.brokers.values()) brokers.add(id);
    }
    const after: ClusterImage = {
      ...this.#base,
      ...this.#topics.finish(),
      ...this.#brokers.finish(),
      ...this.#security.finish(),
      features: this.#features.current,
      quotas: this.#quotas.current,
      brokerConfigs: this.#brokerConfigs.current,
      groupConfigs: this.#groupConfigs.current,
      otherConfigs: this.#otherConfigs.current,
      nextProducerId: this.#nextProducerId,
      brokerEpoch: this.#brokerEpochIn(),
      offset,
      epoch,
      timestampMs,
    };
    const records = [...this.#security.removals(before), ...removals(topics, before, after)];
    return { before, after, topics, brokers, records };
  }

  #brokerEpochIn(): number {
    const { brokers } = this.#brokers.finish();
    return brokers.get(String(this.#base.nodeId))?.epoch ?? -1;
  }
}

function removals(
  touched: ReadonlySet<string>,
  before: ClusterImage,
  after: ClusterImage,
): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  for (const id of touched) {
    const topic = before.topicsById.get(id);
    if (topic === undefined || after.topicsById.has(id)) continue;
    const { name, partitions } = topic;
    records.push({ type: 'topic-deleted', id, name, partitions: partitions.length });
  }
  return records;
}

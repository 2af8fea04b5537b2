import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { LogSettings } from '../base/log-settings.ts';
import type { Logger } from '../base/logger.ts';
import type { PartitionEvent, TopicPlaces } from '../exchange/control.ts';
import { PartitionLog } from '../log/partition-log.ts';
import { GroupCommit } from '../partition/group-commit.ts';
import { Partition } from '../partition/partition.ts';
import type { PublishedWords } from '../ring/published-words.ts';

/** A partition that this worker owns, whether its log is open or not. */
export interface Tenant {
  readonly slot: number;
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  readonly leaderEpoch: number;
  readonly directory: string;
  settings: LogSettings;
  partition: Partition | null;
  commit: GroupCommit | null;
}

export interface HostServices {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly published: PublishedWords;
  readonly producerExpiryMs: number;
  readonly producerIdsMax: number;
  event(event: PartitionEvent): void;
  requestSync(slot: number, descriptors: readonly number[]): void;
}

/** All partitions of one worker, by slot. Logs are opened when first touched. */
export class PartitionHost {
  readonly #services: HostServices;
  readonly #tenants = new Map<number, Tenant>();
  #wasClean: boolean;

  constructor(services: HostServices, wasClean: boolean) {
    this.#services = services;
    this.#wasClean = wasClean;
  }

  tenants(): IterableIterator<Tenant> {
    return this.#tenants.values();
  }

  tenant(slot: number): Tenant | undefined {
    return this.#tenants.get(slot);
  }

  register(topic: TopicPlaces): void {
    for (const place of topic.partitions) {
      this.#tenants.set(place.slot, {
        slot: place.slot,
        topic: topic.name,
        topicId: topic.id,
        index: place.index,
        leaderEpoch: place.leaderEpoch,
        directory: join(this.#services.dataDirectory, `${topic.name}-${place.index}`),
        settings: topic.settings,
        partition: null,
        commit: null,
      });
    }
  }

  /** The open partition; null when there is none of that slot. Throws when its log will not open. */
  open(slot: number): Partition | null {
    const tenant = this.#tenants.get(slot);
    if (tenant === undefined) return null;
    return tenant.partition ?? this.#open(tenant);
  }

  #open(tenant: Tenant): Partition {
    const services = this.#services;
    const log = PartitionLog.open({
      directory: tenant.directory,
      topicId: tenant.topicId,
      settings: tenant.settings,
      leaderEpoch: tenant.leaderEpoch,
      wasClean: this.#wasClean,
      clock: services.clock,
      logger: services.logger,
      producerExpiryMs: services.producerExpiryMs,
      producerIdsMax: services.producerIdsMax,
      listener: {
        segmentAdded: (baseOffset) =>
          services.event({ kind: 'segment-added', slot: tenant.slot, baseOffset }),
        segmentRemoved: (baseOffset) =>
          services.event({ kind: 'segment-removed', slot: tenant.slot, baseOffset }),
      },
    });
    const partition = new Partition(tenant.slot, log, tenant.settings);
    tenant.partition = partition;
    if (tenant.settings.groupCommit) this.#useGroupCommit(tenant, partition);
    this.publish(partition);
    return partition;
  }

  #useGroupCommit(tenant: Tenant, partition: Partition): void {
    tenant.commit = new GroupCommit(partition, this.#services.requestSync);
  }

  configure(slot: number, settings: LogSettings): void {
    const tenant = this.#tenants.get(slot);
    if (tenant === undefined) return;
    tenant.settings = settings;
    const partition = tenant.partition;
    if (partition === null) return;
    partition.settings = settings;
    partition.log.configure(settings);
    if (settings.groupCommit && tenant.commit === null) this.#useGroupCommit(tenant, partition);
  }

  remove(slot: number): void {
    const tenant = this.#tenants.get(slot);
    if (tenant === undefined) return;
    this.#tenants.delete(slot);
    if (tenant.partition !== null) tenant.partition.log.delete();
    else rmSync(tenant.directory, { recursive: true, force: true });
  }

  publish(partition: Partition): void {
    this.#services.published.publish(
      partition.slot,
      partition.logStartOffset,
      partition.highWatermark,
      partition.logEndOffset,
    );
  }

  closeAll(): void {
    for (const tenant of this.#tenants.values()) {
      tenant.partition?.log.close();
      tenant.partition = null;
    }
  }
}

import type { Clock } from '../base/clock.ts';
import { ERROR } from '../base/kafka-errors.ts';
import type { Logger } from '../base/logger.ts';
import type { GroupView } from '../coordination/group/group-view.ts';
import { refuseGroupRequest } from '../coordination/group/refusals.ts';
import type {
  GroupRules,
  GroupSummary,
  LoweredOffset,
  TopicNews,
} from '../exchange/coordinator-news.ts';
import type { FrontProxy } from '../exchange/front-proxy.ts';
import type { CoordinateCall } from '../exchange/worker-proxy.ts';
import type { Partition } from '../partition/partition.ts';
import { API } from '../protocol/api-keys.ts';
import { findCodec } from '../protocol/api-registry.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../protocol/schema/16-list-groups.ts';
import { CoordinatorAnswers } from './coordinator-answers.ts';
import { KnownTopics } from './known-topics.ts';
import { LiveGroupSettings } from './live-group-settings.ts';
import { OffsetsPartition, type OffsetsServices } from './offsets-partition.ts';
import type { PartitionHost, Tenant } from './partition-host.ts';
import { Rehearsal } from './rehearsal.ts';

export const OFFSETS_TOPIC = '__consumer_offsets';
/** The slot of requests that are about all partitions of this worker. */
const ALL_SLOTS = -1;
/** Nothing of this ticket is ever sent: the answer is merged with others first. */
const NO_ONES_TICKET = -1;
/** Groups are loaded unasked so long after the start, which must be quick. */
const LOAD_DELAY_MS = 2000;
/** Late enough for the start to be over, early enough for the first group of a short test. */
const REHEARSAL_DELAY_MS = 80;

export interface CoordinatorServices {
  readonly host: PartitionHost;
  readonly front: FrontProxy;
  readonly clock: Clock;
  readonly logger: Logger;
  open(slot: number): Partition | null;
  appended(tenant: Tenant): void;
}

/** The group coordinators of one worker: those of the offsets partitions it owns. */
export class Coordinators {
  readonly #services: CoordinatorServices;
  readonly #answers: CoordinatorAnswers;
  readonly #topics = new KnownTopics();
  readonly #settings = new LiveGroupSettings();
  readonly #partitions = new Map<number, OffsetsPartition>();
  readonly #touched = new Set<OffsetsPartition>();
  readonly #shared: OffsetsServices;
  readonly #loadAllAfterMs: number;
  #allAsked = false;
  #someLoad = false;
  #nextDeadlineMs = Number.POSITIVE_INFINITY;
  readonly #rehearseAfterMs: number;
  #rehearsal: Rehearsal | null = new Rehearsal();

  constructor(services: CoordinatorServices) {
    const { clock, logger, front } = services;
    this.#services = services;
    this.#answers = new CoordinatorAnswers(front, logger);
    this.#loadAllAfterMs = clock.monotonicMs() + LOAD_DELAY_MS;
    this.#rehearseAfterMs = clock.monotonicMs() + REHEARSAL_DELAY_MS;
    this.#shared = {
      topics: this.#topics,
      settings: this.#settings,
      answers: this.#answers,
      clock,
      logger,
      open: (slot) => services.open(slot),
      appended: (tenant) => services.appended(tenant),
    };
  }

  coordinate(ticket: number, call: CoordinateCall): void {
    const { slot, apiKey, apiVersion, clientId, clientHost } = call;
    this.#rehearsal = null;
    let request: object;
    try {
      const body = keepsBytes(apiKey) ? Buffer.from(call.body) : call.body;
      const decode = findCodec(apiKey)!.request.decoder(apiVersion);
      request = decode(body, 0, body.length) as object;
    } catch {
      // The front closes the connection and says why.
      this.#answers.refuse(ticket);
      return;
    }
    if (slot === ALL_SLOTS) {
      const answer = this.#listAll(request as ListGroupsRequest, apiVersion);
      this.#answers.send(ticket, apiKey, apiVersion, answer);
      return;
    }
    const partition = this.#partitionOf(slot);
    if (partition === null) {
      const body = refuseGroupRequest(apiKey, apiVersion, request, ERROR.NOT_COORDINATOR);
      if (body === null) this.#answers.refuse(ticket);
      else this.#answers.send(ticket, apiKey, apiVersion, body);
      return;
    }
    partition.handle({ ticket, apiKey, version: apiVersion, request, clientId, clientHost });
    this.#touch(partition);
  }

  drop(slot: number, ticket: number): void {
    this.#partitions.get(slot)?.drop(ticket);
  }

  setRules(rules: GroupRules): void {
    this.#settings.set(rules);
  }

  /** With a topic go the offsets that were committed for it, in whichever partition they are. */
  hear(news: TopicNews): void {
    this.#topics.apply(news);
    if (news.removed.length === 0) return;
    for (const partition of this.#all()) {
      for (const { name, id } of news.removed) {
        if (partition.load() !== 0) break;
        partition.run((shard, nowMs, wallMs) => shard.onTopicDeleted(name, id, nowMs, wallMs));
      }
      this.#touch(partition);
    }
  }

  /** Appends what the drained batch of requests wrote, and answers them. */
  afterBatch(): void {
    if (this.#touched.size === 0) return;
    for (const partition of this.#touched) {
      partition.flush();
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, partition.nextDeadlineMs);
    }
    this.#touched.clear();
  }

  onSynced(slot: number): void {
    this.#partitions.get(slot)?.onSynced();
  }

  /** Says in how many milliseconds there is something to do. */
  runTimers(nowMs: number): number {
    const idleMs = Math.min(this.#rehearse(nowMs), this.#loadUnasked(nowMs));
    if (nowMs >= this.#nextDeadlineMs) {
      this.#nextDeadlineMs = Number.POSITIVE_INFINITY;
      for (const partition of this.#partitions.values()) {
        partition.tick(nowMs);
        this.#touch(partition);
      }
    }
    this.afterBatch();
    return Math.min(idleMs, Math.max(0, this.#nextDeadlineMs - nowMs));
  }

  /** A step at a time, with a look at the commands between two. */
  #rehearse(nowMs: number): number {
    const rehearsal = this.#rehearsal;
    if (rehearsal === null) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#rehearseAfterMs) return this.#rehearseAfterMs - nowMs;
    rehearsal.step();
    if (rehearsal.isDone) this.#rehearsal = null;
    return 0;
  }

  /** Timeouts and expiry run for all groups, also for those that nobody has asked for yet. */
  #loadUnasked(nowMs: number): number {
    if (nowMs < this.#loadAllAfterMs) return this.#loadAllAfterMs - nowMs;
    if (!this.#allAsked) {
      this.#allAsked = true;
      for (const partition of this.#all()) {
        if (!partition.isLoaded && !partition.isLoading) partition.load();
        this.#touch(partition);
      }
    }
    if (!this.#someLoad) return Number.POSITIVE_INFINITY;
    for (const partition of this.#partitions.values()) {
      if (!partition.isLoading) continue;
      partition.stepLoading();
      this.#touch(partition);
      return 0;
    }
    this.#someLoad = false;
    return Number.POSITIVE_INFINITY;
  }

  #listAll(request: ListGroupsRequest, version: number): ListGroupsResponse {
    const { clock } = this.#services;
    const merged: ListGroupsResponse = { throttleTimeMs: 0, errorCode: 0, groups: [] };
    const context = { clientId: '', clientHost: '' };
    for (const partition of this.#all()) {
      const error = partition.load();
      if (error !== 0) {
        merged.errorCode = error;
        continue;
      }
      const { responses } = partition.shard!.handle(
        NO_ONES_TICKET,
        API.LIST_GROUPS,
        version,
        request,
        context,
        clock.monotonicMs(),
        clock.wallMs(),
      );
      merged.groups.push(...(responses[0]!.body as ListGroupsResponse).groups);
      this.#touch(partition);
    }
    return merged;
  }

  /** Blocks until all groups are loaded that can be. */
  loadAll(): void {
    for (const partition of this.#all()) {
      partition.load();
      while (partition.isLoading) partition.stepLoading();
      this.#touch(partition);
    }
  }

  lowerOffsets(offsets: readonly LoweredOffset[]): void {
    for (const partition of this.#partitions.values()) {
      if (!partition.isLoaded) continue;
      partition.run((shard, nowMs, wallMs) => shard.lowerOffsets(offsets, nowMs, wallMs));
      this.#touch(partition);
    }
  }

  /** The groups that are loaded. */
  summaries(): GroupSummary[] {
    const summaries: GroupSummary[] = [];
    for (const { shard } of this.#partitions.values()) {
      if (shard === null) continue;
      for (const group of shard.groups()) summaries.push(summaryOf(group));
    }
    return summaries;
  }

  #touch(partition: OffsetsPartition): void {
    this.#touched.add(partition);
    if (partition.isLoading) this.#someLoad = true;
  }

  #partitionOf(slot: number): OffsetsPartition | null {
    const known = this.#partitions.get(slot);
    if (known !== undefined) return known;
    const tenant = this.#services.host.tenant(slot);
    if (tenant?.topic !== OFFSETS_TOPIC) return null;
    const partition = new OffsetsPartition(tenant, this.#shared);
    this.#partitions.set(slot, partition);
    return partition;
  }

  /** Those that hold anything, or may: a log that was never opened and has no end is empty. */
  *#all(): Iterable<OffsetsPartition> {
    for (const { slot, topic, partition, recoveryPoint } of this.#services.host.tenants()) {
      if (topic !== OFFSETS_TOPIC) continue;
      if (partition === null && recoveryPoint === 0 && !this.#partitions.has(slot)) continue;
      yield this.#partitionOf(slot)!;
    }
  }
}

function summaryOf(group: GroupView): GroupSummary {
  const { groupId, type, state, memberCount } = group;
  const offsets = Array.from(group.offsets(), ({ topic, partition, offset }) => {
    return [topic, partition, offset] as const;
  });
  return { groupId, type, state, members: memberCount, offsets };
}

/** What members say of themselves stays with the group: it must not lie in the ring's memory. */
function keepsBytes(apiKey: number): boolean {
  return apiKey === API.JOIN_GROUP || apiKey === API.SYNC_GROUP;
}

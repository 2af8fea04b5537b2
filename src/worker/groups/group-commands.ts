import { randomUUID } from 'node:crypto';
import { GroupKind } from '../../coordination/group/group-kind.ts';
import type { GroupView } from '../../coordination/group/group-view.ts';
import type {
  GroupRules,
  GroupSummary,
  LoweredOffset,
  TopicChanges,
} from '../../exchange/group-messages.ts';
import type { Coordinators } from '../coordinators/coordinators.ts';
import type { KnownTopics } from './known-topics.ts';
import { LiveGroupSettings } from './live-group-settings.ts';

/** The control commands that are about all group coordinators of this worker. */
export class GroupCommands {
  readonly #topics: KnownTopics;
  readonly #settings = new LiveGroupSettings();
  readonly #kind: GroupKind;
  readonly #coordinators: Coordinators;

  constructor(coordinators: Coordinators, topics: KnownTopics) {
    this.#topics = topics;
    const parts = { topics: this.#topics, settings: this.#settings, newId: randomUUID };
    this.#kind = new GroupKind(parts);
    this.#coordinators = coordinators;
    coordinators.add(this.#kind);
  }

  setRules(rules: GroupRules): void {
    this.#settings.set(rules);
  }

  /** Offsets that were committed for a deleted topic are deleted in every partition. */
  topicsChanged(changes: TopicChanges): void {
    this.#topics.apply(changes);
    for (const { name, id } of changes.removed) {
      this.#coordinators.runOnAll(this.#kind, (shard, nowMs, wallMs) => {
        return shard.onTopicDeleted(name, id, nowMs, wallMs);
      });
    }
  }

  lowerOffsets(offsets: readonly LoweredOffset[]): void {
    this.#coordinators.runOnAll(this.#kind, (shard, nowMs, wallMs) => {
      return shard.lowerOffsets(offsets, nowMs, wallMs);
    });
  }

  loadAll(): void {
    this.#coordinators.loadAll(this.#kind);
  }

  /** The groups that are loaded. */
  summaries(): GroupSummary[] {
    const summaries: GroupSummary[] = [];
    for (const shard of this.#coordinators.shards(this.#kind)) {
      for (const group of shard.groups()) summaries.push(summaryOf(group));
    }
    return summaries;
  }
}

function summaryOf(group: GroupView): GroupSummary {
  const { groupId, type, state, memberCount } = group;
  const offsets = Array.from(group.offsets(), tupleOf);
  const pending = Array.from(group.pending(), tupleOf);
  return { groupId, type, state, members: memberCount, offsets, pending };
}

function tupleOf(at: { topic: string; partition: number; offset: number }) {
  return [at.topic, at.partition, at.offset] as const;
}

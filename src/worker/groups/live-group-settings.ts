import type { MigrationPolicy } from '../../base/group-limits.ts';
import {
  DEFAULT_GROUP_SETTINGS,
  type GroupSettings,
} from '../../coordination/group/group-settings.ts';
import type { ConsumerGroupTimes, GroupRules } from '../../exchange/group-messages.ts';

/** The settings for groups that the front sent last; Kafka's defaults until it has sent any. */
export class LiveGroupSettings implements GroupSettings {
  #rules: GroupRules = DEFAULT_RULES;
  #ownTimes: ReadonlyMap<string, ConsumerGroupTimes> = new Map();

  set(rules: GroupRules): void {
    this.#rules = rules;
    this.#ownTimes = new Map(rules.ownTimes);
  }

  get minSessionTimeoutMs(): number {
    return this.#rules.minSessionTimeoutMs;
  }

  get maxSessionTimeoutMs(): number {
    return this.#rules.maxSessionTimeoutMs;
  }

  get initialRebalanceDelayMs(): number {
    return this.#rules.initialRebalanceDelayMs;
  }

  get maxSize(): number {
    return this.#rules.maxSize;
  }

  get maxGroups(): number {
    return this.#rules.maxGroups;
  }

  get offsetMetadataMaxBytes(): number {
    return this.#rules.offsetMetadataMaxBytes;
  }

  get offsetsRetentionMs(): number {
    return this.#rules.offsetsRetentionMs;
  }

  get offsetsRetentionCheckIntervalMs(): number {
    return this.#rules.offsetsRetentionCheckIntervalMs;
  }

  get consumerMaxSize(): number {
    return this.#rules.consumerMaxSize;
  }

  get consumerAssignors(): readonly string[] {
    return this.#rules.consumerAssignors;
  }

  get consumerMigrationPolicy(): MigrationPolicy {
    return this.#rules.consumerMigrationPolicy;
  }

  get consumerRegexRefreshIntervalMs(): number {
    return this.#rules.consumerRegexRefreshIntervalMs;
  }

  consumerSessionTimeoutMs(groupId: string): number {
    return this.#times(groupId).sessionTimeoutMs;
  }

  consumerHeartbeatIntervalMs(groupId: string): number {
    return this.#times(groupId).heartbeatIntervalMs;
  }

  consumerAssignmentIntervalMs(groupId: string): number {
    return this.#times(groupId).assignmentIntervalMs;
  }

  #times(groupId: string): ConsumerGroupTimes {
    return this.#ownTimes.get(groupId) ?? this.#rules.times;
  }
}

const DEFAULT_RULES: GroupRules = {
  ...DEFAULT_GROUP_SETTINGS,
  times: {
    sessionTimeoutMs: DEFAULT_GROUP_SETTINGS.consumerSessionTimeoutMs(''),
    heartbeatIntervalMs: DEFAULT_GROUP_SETTINGS.consumerHeartbeatIntervalMs(''),
    assignmentIntervalMs: DEFAULT_GROUP_SETTINGS.consumerAssignmentIntervalMs(''),
  },
  ownTimes: [],
};

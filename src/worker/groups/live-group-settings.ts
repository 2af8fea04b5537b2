import type { MigrationPolicy } from '../../base/group-limits.ts';
import {
  DEFAULT_GROUP_SETTINGS,
  type GroupSettings,
} from '../../coordination/group/group-settings.ts';
import type { GroupRules, OwnGroupRules } from '../../exchange/group-messages.ts';

/** The settings for groups that the front sent last; Kafka's defaults until it has sent any. */
export class LiveGroupSettings implements GroupSettings {
  #rules: GroupRules = DEFAULT_RULES;
  #own: ReadonlyMap<string, OwnGroupRules> = new Map();

  set(rules: GroupRules): void {
    this.#rules = rules;
    this.#own = new Map(rules.own);
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

  get streamsMaxSize(): number {
    return this.#rules.streamsMaxSize;
  }

  consumerSessionTimeoutMs(groupId: string): number {
    return this.#rulesOf(groupId).sessionTimeoutMs;
  }

  consumerHeartbeatIntervalMs(groupId: string): number {
    return this.#rulesOf(groupId).heartbeatIntervalMs;
  }

  consumerAssignmentIntervalMs(groupId: string): number {
    return this.#rulesOf(groupId).assignmentIntervalMs;
  }

  streamsSessionTimeoutMs(groupId: string): number {
    return this.#rulesOf(groupId).streams.sessionTimeoutMs;
  }

  streamsHeartbeatIntervalMs(groupId: string): number {
    return this.#rulesOf(groupId).streams.heartbeatIntervalMs;
  }

  streamsAssignmentIntervalMs(groupId: string): number {
    return this.#rulesOf(groupId).streams.assignmentIntervalMs;
  }

  streamsInitialRebalanceDelayMs(groupId: string): number {
    return this.#rulesOf(groupId).streams.initialRebalanceDelayMs;
  }

  streamsStandbyReplicas(groupId: string): number {
    return this.#rulesOf(groupId).streams.standbyReplicas;
  }

  #rulesOf(groupId: string): OwnGroupRules {
    return this.#own.get(groupId) ?? this.#rules.common;
  }
}

const DEFAULT_RULES: GroupRules = {
  ...DEFAULT_GROUP_SETTINGS,
  common: {
    sessionTimeoutMs: DEFAULT_GROUP_SETTINGS.consumerSessionTimeoutMs(''),
    heartbeatIntervalMs: DEFAULT_GROUP_SETTINGS.consumerHeartbeatIntervalMs(''),
    assignmentIntervalMs: DEFAULT_GROUP_SETTINGS.consumerAssignmentIntervalMs(''),
    streams: {
      sessionTimeoutMs: DEFAULT_GROUP_SETTINGS.streamsSessionTimeoutMs(''),
      heartbeatIntervalMs: DEFAULT_GROUP_SETTINGS.streamsHeartbeatIntervalMs(''),
      assignmentIntervalMs: DEFAULT_GROUP_SETTINGS.streamsAssignmentIntervalMs(''),
      initialRebalanceDelayMs: DEFAULT_GROUP_SETTINGS.streamsInitialRebalanceDelayMs(''),
      standbyReplicas: DEFAULT_GROUP_SETTINGS.streamsStandbyReplicas(''),
    },
  },
  own: [],
};

import type { CoordinatorRecord } from '../../effects.ts';
import { mostWanted } from '../classic/most-wanted.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { metadataHashOf } from '../metadata-hash.ts';
import { applyRecords } from '../replay.ts';
import type { Assignment } from './assignment.ts';
import { EMPTY_ASSIGNMENT, isSameAssignment } from './assignment.ts';
import type { AssignorMember } from './assignor.ts';
import { assignorNamed } from './assignor.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { groupEpochRecord, targetEpochRecord, targetRecord } from './consumer-records.ts';

/** The ids of the topics that a member reads and that exist, sorted. */
export function subscribedTopicIds(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
): string[] {
  const ids = new Set<string>();
  const add = (name: string) => {
    const id = state.topics.topicId(name);
    if (id !== undefined) ids.add(id);
  };
  member.topicNames.forEach(add);
  if (member.topicRegex !== '') group.regexes.get(member.topicRegex)?.topics.forEach(add);
  return [...ids].sort();
}

/** Every topic that someone in the group is subscribed to. */
function subscribedTopics(group: ConsumerGroup): Set<string> {
  const names = new Set<string>();
  for (const { topicNames } of group.members.values())
    for (const name of topicNames) names.add(name);
  for (const { topics } of group.regexes.values()) for (const name of topics) names.add(name);
  return names;
}

/** The group enters its next epoch, which makes its target assignment out of date. */
export function bumpEpoch(state: CoordinatorState, group: ConsumerGroup): void {
  const hash = metadataHashOf(state.topics, subscribedTopics(group));
  applyRecords(state, [groupEpochRecord(group.groupId, group.groupEpoch + 1, hash)]);
  group.checkedTopicsVersion = state.topics.version();
}

/** A new epoch also begins when a topic that the group reads was created, extended or deleted. */
export function bumpEpochIfTopicsChanged(state: CoordinatorState, group: ConsumerGroup): void {
  const version = state.topics.version();
  if (group.checkedTopicsVersion === version) return;
  if (metadataHashOf(state.topics, subscribedTopics(group)) !== group.metadataHash) {
    bumpEpoch(state, group);
  }
  group.checkedTopicsVersion = version;
}

/** The assignor that most members ask for; the first configured one where nobody asks. */
export function preferredAssignor(state: CoordinatorState, group: ConsumerGroup): string {
  const asked: string[] = [];
  for (const { serverAssignor } of group.members.values()) {
    if (serverAssignor !== null) asked.push(serverAssignor);
  }
  return mostWanted(asked) ?? state.settings.consumerAssignors[0] ?? 'uniform';
}

/** Computes a new target if the group's epoch has changed and the assignment interval is over. */
export function updateTarget(state: CoordinatorState, group: ConsumerGroup): void {
  if (group.assignmentEpoch >= group.groupEpoch) return;
  const intervalMs = state.settings.consumerAssignmentIntervalMs(group.groupId);
  if (state.nowMs - group.assignedMs < intervalMs) return;
  group.assignedMs = state.nowMs;
  const assignor = assignorNamed(preferredAssignor(state, group));
  const targets = assignor(membersForAssignor(state, group), (topicId) =>
    state.topics.partitionCount(state.topics.topicName(topicId) ?? ''),
  );
  const records: CoordinatorRecord[] = [];
  for (const memberId of group.members.keys()) {
    const target: Assignment = targets.get(memberId) ?? EMPTY_ASSIGNMENT;
    const old = group.targets.get(memberId);
    if (old !== undefined && isSameAssignment(old, target)) continue;
    records.push(targetRecord(group.groupId, memberId, target));
  }
  records.push(targetEpochRecord(group.groupId, group.groupEpoch, state.wallMs));
  applyRecords(state, records);
}

/** The members are sorted, so that equal groups get equal assignments. */
function membersForAssignor(state: CoordinatorState, group: ConsumerGroup): AssignorMember[] {
  const memberIds = [...group.members.keys()].sort();
  return memberIds.map((memberId) => {
    const member = group.members.get(memberId)!;
    return {
      memberId,
      instanceId: member.instanceId,
      topicIds: subscribedTopicIds(state, group, member),
      target: group.target(memberId),
    };
  });
}

/**
 * What clients may make a coordinator remember beyond what Kafka bounds: there a few clients can
 * fill its memory, or make a group too large for the log, with which all its neighbours would fail.
 */
import type { ClassicProtocol } from './classic/classic-member.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type { ConsumerMember } from './consumer/consumer-member.ts';
import type { CoordinatorState } from './coordinator-state.ts';
import type { TopicView } from './topic-view.ts';

/** Of what one member says of itself. */
export const MEMBER_BYTES_MAX = 1024 * 1024;
/** Of what all members of a group say, and of what they are assigned or subscribed to. */
export const GROUP_BYTES_MAX = 16 * 1024 * 1024;
/** Of memory, beside what is counted of them; for members of the new protocol. */
const MEMBER_BYTES = 1024;
const NAME_BYTES = 32;
/** Member ids that were given out and not used yet, in all groups of a coordinator. */
export const PENDING_JOINS_MAX = 4096;

export function bytesOfProtocols(protocols: readonly ClassicProtocol[]): number {
  let bytes = 0;
  for (const { name, metadata } of protocols) bytes += name.length + metadata.length;
  return bytes;
}

/** What a member of the new protocol takes, beside its partitions, which it shares with nobody. */
export function bytesOfMember(member: ConsumerMember): number {
  const { memberId, instanceId, rackId, clientId, clientHost, topicRegex, classic } = member;
  let bytes = MEMBER_BYTES + memberId.length + clientId.length + clientHost.length;
  bytes += topicRegex.length + (instanceId?.length ?? 0) + (rackId?.length ?? 0);
  for (const name of member.topicNames) bytes += NAME_BYTES + name.length;
  return classic === null ? bytes : bytes + bytesOfProtocols(classic.protocols);
}

/** Whether a group may hold a member as it would be instead of as it is, if it is there. */
export function hasRoomForMember(
  group: ConsumerGroup,
  before: ConsumerMember | undefined,
  after: ConsumerMember,
  topics: TopicView,
): boolean {
  const moreBytes = bytesOfMember(after) - (before === undefined ? 0 : bytesOfMember(before));
  const { topicRegex } = after;
  const isNewRegex = topicRegex !== '' && !group.subscribedRegexes.has(topicRegex);
  // Those that are there may always say less.
  if (moreBytes <= 0 && !isNewRegex) return true;
  let resolved = 0;
  for (const regex of group.regexes.values()) resolved += regex.topics.size;
  if (isNewRegex) for (const _ of topics.names()) resolved++;
  return group.memberBytes + moreBytes + resolved * NAME_BYTES <= GROUP_BYTES_MAX;
}

/** Whether a group that is not there may be made. */
export function hasRoomForGroup(state: CoordinatorState): boolean {
  return state.groups.size < state.settings.maxGroups;
}

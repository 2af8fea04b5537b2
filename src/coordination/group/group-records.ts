import { decodeVersioned, encodeVersioned } from '../../protocol/message-bytes.ts';
import type { GroupMetadataValue } from '../../protocol/schema/records-classic-group.ts';
import { GROUP_METADATA_VALUE } from '../../protocol/schema/records-classic-group.ts';
import type { CoordinatorRecord } from '../effects.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import { RECORD_TYPE, recordKey } from './record-keys.ts';
import { tombstoneOf } from './record-of.ts';

/** What Kafka writes; all its versions are read. */
const VALUE_VERSION = 3;

/** The generation as it stands. */
export function groupMetadataRecord(
  group: ClassicGroup,
  generation = group.generationId,
): CoordinatorRecord {
  const members: GroupMetadataValue['members'] = [];
  for (const member of group.members.values()) {
    members.push({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: member.metadata(group.protocolName),
      assignment: member.assignment,
    });
  }
  return record(group.groupId, {
    protocolType: group.protocolType ?? '',
    generation,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.stateTimestampMs,
    members,
  });
}

/** A group that has been made and has no generation yet. */
export function emptyGroupMetadataRecord(group: ClassicGroup): CoordinatorRecord {
  return record(group.groupId, {
    protocolType: '',
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestamp: group.stateTimestampMs,
    members: [],
  });
}

export function groupTombstone(groupId: string): CoordinatorRecord {
  return tombstoneOf(RECORD_TYPE.groupMetadata, groupId);
}

function record(groupId: string, value: GroupMetadataValue): CoordinatorRecord {
  return {
    key: recordKey(RECORD_TYPE.groupMetadata, groupId),
    value: encodeVersioned(GROUP_METADATA_VALUE, VALUE_VERSION, value),
  };
}

export function readGroupMetadataValue(bytes: Buffer): GroupMetadataValue {
  return decodeVersioned(GROUP_METADATA_VALUE, bytes);
}

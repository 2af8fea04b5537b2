/**
 * What clients may make a coordinator remember beyond what Kafka bounds: there a few clients can
 * fill its memory, or make a group too large for the log, with which all its neighbours would fail.
 */
import type { ClassicProtocol } from './classic-member.ts';
import type { CoordinatorState } from './coordinator-state.ts';

/** Of what one member says of itself. */
export const MEMBER_BYTES_MAX = 1024 * 1024;
/** Of what all members of a group say, and of what they are assigned. */
export const GROUP_BYTES_MAX = 16 * 1024 * 1024;
/** Member ids that were given out and not used yet, in all groups of a coordinator. */
export const PENDING_JOINS_MAX = 4096;

export function bytesOfProtocols(protocols: readonly ClassicProtocol[]): number {
  let bytes = 0;
  for (const { name, metadata } of protocols) bytes += name.length + metadata.length;
  return bytes;
}

/** Whether a group that is not there may be made. */
export function hasRoomForGroup(state: CoordinatorState): boolean {
  return state.groups.size < state.settings.maxGroups;
}

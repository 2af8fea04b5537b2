import { readJson } from './read-json.ts';

/** Which tasks a process runs and keeps copies of, for those who look for a key. */
export interface HostTasks {
  /** `host:port`, as the process says. */
  readonly endpoint: string;
  readonly active: readonly string[];
  /** Warm-ups too. */
  readonly standby: readonly string[];
}

/** What goes with the partitions of a member: JSON in its assignment. */
export interface AssignmentData {
  /** Tasks of which the member keeps copies, those too that are `next` and run elsewhere. */
  readonly standby: readonly string[];
  /** Tasks that the member gets once their stores are here. */
  readonly warmup: readonly string[];
  /** Tasks that it gets as soon as the member that has them gave them up. */
  readonly next: readonly string[];
  /** Of all members that say where they answer queries. */
  readonly hosts: readonly HostTasks[];
  /** The member that asks all of them to end. */
  readonly shutdownBy: string | null;
}

const NOTHING: AssignmentData = {
  standby: [],
  warmup: [],
  next: [],
  hosts: [],
  shutdownBy: null,
};

export function encodeAssignmentData(data: AssignmentData): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(data));
}

export function decodeAssignmentData(bytes: Uint8Array | null): AssignmentData {
  return readJson(bytes, NOTHING);
}

import { readJson } from './read-json.ts';

/** The offset of a task that runs here: nothing of its changelogs is missing. */
export const LATEST_OFFSET = -2;

/** What a member of a classic group says of itself when it joins: JSON in its user data. */
export interface MemberData {
  /** Members of one process hold no copies for each other. */
  readonly processId: string;
  /**
   * By task, such as `0_3`: how far its stores are here, as the sum of the offsets of their
   * changelogs. Tasks without state here are left out.
   */
  readonly offsets: Readonly<Record<string, number>>;
  /** Tasks that the last assignment promised it, as in `AssignmentData`. */
  readonly next: readonly string[];
  /** Where the process stands, such as its rack, for copies to be elsewhere. */
  readonly tags: Readonly<Record<string, string>>;
  /** Where it answers queries, as `host:port`. */
  readonly endpoint: string | null;
  /** Whether it asks all members to end. */
  readonly shutsDown: boolean;
}

const NOTHING: MemberData = {
  processId: '',
  offsets: {},
  next: [],
  tags: {},
  endpoint: null,
  shutsDown: false,
};

export function encodeMemberData(data: MemberData): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(data));
}

/** A member that says nothing that can be read has no state, and is a process of its own. */
export function decodeMemberData(bytes: Uint8Array | null, memberId: string): MemberData {
  const read = readJson<MemberData>(bytes, NOTHING);
  return read.processId === '' ? { ...read, processId: memberId } : read;
}

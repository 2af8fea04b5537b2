import type { Deadline } from '../deadlines.ts';
import type { Parked } from '../parked.ts';

/** One way of sharing partitions that a member understands, with what it says under that way. */
export interface ClassicProtocol {
  name: string;
  metadata: Buffer;
}

export const NO_ASSIGNMENT = Buffer.alloc(0);

/** A member of a classic group. Its buffers are its own copies, never views of a request. */
export class ClassicMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: ClassicProtocol[];
  assignment: Buffer = NO_ASSIGNMENT;
  /** The JoinGroup request that waits for the next generation. */
  join: Parked | null = null;
  /** The SyncGroup request that waits for the leader's assignment. */
  sync: Parked | null = null;
  /** True until its first join is answered: it may expire while it waits. */
  isNew = false;
  /** The group's owner sets it and schedules it. */
  session: Deadline | null = null;

  constructor(init: {
    memberId: string;
    instanceId: string | null;
    clientId: string;
    clientHost: string;
    protocolType: string;
    rebalanceTimeoutMs: number;
    sessionTimeoutMs: number;
    protocols: ClassicProtocol[];
  }) {
    this.memberId = init.memberId;
    this.instanceId = init.instanceId;
    this.clientId = init.clientId;
    this.clientHost = init.clientHost;
    this.protocolType = init.protocolType;
    this.rebalanceTimeoutMs = init.rebalanceTimeoutMs;
    this.sessionTimeoutMs = init.sessionTimeoutMs;
    this.protocols = init.protocols;
  }

  /** The member's metadata for a protocol; empty where the member does not know the protocol. */
  metadata(protocolName: string | null): Buffer {
    for (const protocol of this.protocols) {
      if (protocol.name === protocolName) return protocol.metadata;
    }
    return NO_ASSIGNMENT;
  }

  hasSameProtocols(others: readonly ClassicProtocol[]): boolean {
    const own = this.protocols;
    if (own.length !== others.length) return false;
    for (let i = 0; i < own.length; i++) {
      if (own[i]!.name !== others[i]!.name) return false;
      if (!own[i]!.metadata.equals(others[i]!.metadata)) return false;
    }
    return true;
  }

  /** A member that waits for an answer is alive; a new one proves it only by joining again. */
  hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.join !== null || this.sync !== null);
  }
}

/**
 * Copies what a JoinGroup request offers out of the buffer that it was decoded from. A repeated
 * name counts once: the votes count how many members know a protocol.
 */
export function copyProtocols(protocols: readonly ClassicProtocol[]): ClassicProtocol[] {
  const copies: ClassicProtocol[] = [];
  const seen = new Set<string>();
  for (const protocol of protocols) {
    if (seen.has(protocol.name)) continue;
    seen.add(protocol.name);
    copies.push({ name: protocol.name, metadata: Buffer.from(protocol.metadata) });
  }
  return copies;
}

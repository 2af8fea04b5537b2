import type { BrokerAddress } from '../../client/broker-address.ts';

/** The leader as an answer tells it; a leader of -1 is not known to who answered. */
export interface LeaderAndEpoch {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** The address of a controller as an answer tells it. */
export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

const UNKNOWN = -1;

/**
 * Who leads the quorum, as far as this node was told. An epoch never goes back: an answer from an
 * older epoch comes from a controller that does not know yet that it was deposed.
 */
export class QuorumLeader {
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #known = new Map<number, BrokerAddress>();
  #leaderId = UNKNOWN;
  #epoch = 0;
  #next = 0;

  constructor(bootstrap: readonly BrokerAddress[]) {
    this.#bootstrap = bootstrap;
  }

  get leaderId(): number {
    return this.#leaderId;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Null where nobody is known to lead, or its address is not known. */
  get address(): BrokerAddress | null {
    return this.#known.get(this.#leaderId) ?? null;
  }

  /** The leader where its address is known. Otherwise each call names another controller. */
  target(): BrokerAddress {
    const leader = this.#known.get(this.#leaderId);
    if (leader !== undefined) return leader;
    const all = [...this.#bootstrap, ...this.#known.values()];
    return all[this.#next++ % all.length]!;
  }

  /** Takes what an answer says. True where the leader or the epoch is new. */
  learn({ leaderId, leaderEpoch }: LeaderAndEpoch, endpoints: readonly NodeEndpoint[]): boolean {
    if (leaderEpoch < this.#epoch) return false;
    for (const { nodeId, host, port } of endpoints) {
      this.#known.set(nodeId, { host, port, id: nodeId });
    }
    const isNew = leaderEpoch > this.#epoch || (leaderId >= 0 && leaderId !== this.#leaderId);
    if (!isNew) return false;
    this.#epoch = leaderEpoch;
    this.#leaderId = leaderId;
    return true;
  }

  /** The leader does not answer. The epoch stays: only a newer one may take its place. */
  forget(): void {
    this.#leaderId = UNKNOWN;
  }
}

const NOT_HEARD_OF = -1;

/**
 * The role of the replica that takes appends. Without other replicas, which is the ordinary case,
 * the durable end is the high watermark.
 */
export class Leader {
  readonly isLeader = true;
  readonly epoch: number;
  #replicas: readonly number[];
  /** Where the log of each replica ends, in their order. */
  #ends: number[];

  /** `replicas` are the other nodes that are in sync. */
  constructor(epoch: number, replicas: readonly number[]) {
    this.epoch = epoch;
    this.#replicas = replicas;
    this.#ends = replicas.map(() => NOT_HEARD_OF);
  }

  /** Replicas joined or left those in sync, within the epoch. */
  setReplicas(replicas: readonly number[]): void {
    const ends = replicas.map((id) => this.#endOf(id));
    this.#replicas = replicas;
    this.#ends = ends;
  }

  #endOf(id: number): number {
    const place = this.#replicas.indexOf(id);
    return place < 0 ? NOT_HEARD_OF : this.#ends[place]!;
  }

  /** A replica asks for what is behind `endOffset`, so it has everything below. */
  reached(id: number, endOffset: number): void {
    const place = this.#replicas.indexOf(id);
    if (place >= 0) this.#ends[place] = endOffset;
  }

  /** The offset below which all replicas have the log and this one has made it durable. */
  agreedOffset(durableOffset: number): number {
    const ends = this.#ends;
    let lowest = durableOffset;
    for (let i = 0; i < ends.length; i++) {
      if (ends[i]! < lowest) lowest = ends[i]!;
    }
    return lowest;
  }
}

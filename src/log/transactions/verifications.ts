import { NO_GUARD } from '../../base/no-guard.ts';

const GUARD_MAX = 2 ** 31 - 1;
/** A guard is never given twice in a thread, so that a late answer matches no later question. */
let lastGuard = NO_GUARD;

/** A producer whose transaction the coordinator is asked about. */
interface Verification {
  readonly guard: number;
  readonly startedMs: number;
  /** Its client knows transactions of version 2: every transaction has an epoch of its own. */
  readonly bumpsEpoch: boolean;
  epoch: number;
  lowestSequence: number;
}

/**
 * The producers of a partition whose next transactional batch must wait for their coordinator
 * (KIP-890). A batch that opens a transaction is appended only with the guard of the question that
 * the coordinator answered. The guard goes with the append and with a marker, so that an answer
 * from before a marker opens no transaction behind it, which nobody would end.
 */
export class Verifications {
  readonly #byProducer = new Map<number, Verification>();

  /** The guard to append with once the coordinator agrees. */
  start(
    producerId: number,
    epoch: number,
    sequence: number,
    bumpsEpoch: boolean,
    wallMs: number,
  ): number {
    const known = this.#byProducer.get(producerId);
    if (known === undefined) {
      const guard = nextGuard();
      const started = {
        guard,
        startedMs: wallMs,
        bumpsEpoch,
        epoch,
        lowestSequence: sequence,
      };
      this.#byProducer.set(producerId, started);
      return guard;
    }
    if (epoch > known.epoch) {
      known.epoch = epoch;
      known.lowestSequence = sequence;
    } else if (epoch === known.epoch && sequence < known.lowestSequence) {
      known.lowestSequence = sequence;
    }
    return known.guard;
  }

  /** Whether an append with this guard may open a transaction. */
  allows(producerId: number, guard: number): boolean {
    return guard !== NO_GUARD && this.#byProducer.get(producerId)?.guard === guard;
  }

  /**
   * Whether a batch overtakes another one of its producer that waits for the coordinator, or begins
   * in the middle: with an epoch for each transaction a producer without batches starts at 0.
   */
  isOutOfOrder(producerId: number, sequence: number, hasBatches: boolean): boolean {
    const known = this.#byProducer.get(producerId);
    if (known === undefined) return false;
    if (known.bumpsEpoch && sequence !== 0 && !hasBatches) return true;
    return sequence > known.lowestSequence;
  }

  /** A transactional batch was appended: from now on the open transaction allows the others. */
  onAppended(producerId: number): void {
    if (this.#byProducer.size > 0) this.#byProducer.delete(producerId);
  }

  /** A marker was appended. The next transaction of a version 2 client may be under way already. */
  onMarker(producerId: number, markerEpoch: number): void {
    const known = this.#byProducer.get(producerId);
    if (known === undefined || (known.bumpsEpoch && known.epoch === markerEpoch)) return;
    this.#byProducer.delete(producerId);
  }

  /** Forgets questions that led to no append. */
  expire(wallMs: number, expirationMs: number): void {
    for (const [producerId, { startedMs }] of this.#byProducer) {
      if (wallMs - startedMs >= expirationMs) this.#byProducer.delete(producerId);
    }
  }
}

function nextGuard(): number {
  lastGuard = lastGuard === GUARD_MAX ? 1 : lastGuard + 1;
  return lastGuard;
}

import { partitionName } from '../topic-partition.ts';
import type { MarkedRange } from './acquired-records.ts';
import { type AcknowledgedPlace, PendingAcknowledgements } from './pending-acknowledgements.ts';
import type { ShareRecord } from './share-record.ts';

type AnyRecord = ShareRecord<unknown, unknown>;

/** What this member holds of one broker, and what is to be said of it. */
export class HeldRecords {
  readonly #held = new Set<AnyRecord>();
  #pending = new Map<string, PendingAcknowledgements>();

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  hold(record: AnyRecord): void {
    this.#held.add(record);
  }

  mark(place: AcknowledgedPlace, record: AnyRecord): void {
    this.#pendingOf(place).add(record);
  }

  markRange(place: AcknowledgedPlace, range: MarkedRange): void {
    this.#pendingOf(place).addRange(range);
  }

  /** To be said once more. */
  putBack(said: PendingAcknowledgements): void {
    const pending = this.#pendingOf(said.place);
    for (const record of said.records) pending.add(record);
    for (const range of said.ranges) pending.addRange(range);
  }

  /** Takes all that is to be said; nothing else can be said of those records from now on. */
  takePending(): PendingAcknowledgements[] {
    const taken = [...this.#pending.values()];
    this.#pending = new Map();
    for (const each of taken) {
      each.onSent();
      for (const record of each.records) this.#held.delete(record);
    }
    return taken;
  }

  /** The broker gives all of it to others. Returns what cannot be said any more. */
  lose(): PendingAcknowledgements[] {
    for (const record of this.#held) record.onLost();
    const lost = this.takePending();
    this.#held.clear();
    return lost;
  }

  #pendingOf(place: AcknowledgedPlace): PendingAcknowledgements {
    const name = partitionName(place);
    let pending = this.#pending.get(name);
    if (pending === undefined) {
      pending = new PendingAcknowledgements(place);
      this.#pending.set(name, pending);
    }
    return pending;
  }
}

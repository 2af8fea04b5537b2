import { Spread } from './spread.ts';
import type { STORE_CALLS } from './streams-metric-names.ts';

/** Calls of stores, by the names that Kafka's metrics have for them. */
export type MeasuredCall = keyof typeof STORE_CALLS;

/** What the calls of one store took, in ns. It is there only where the level of metrics asks. */
export class StoreMeter {
  readonly calls: ReadonlyMap<MeasuredCall, Spread>;
  /** Of iterations that are over, from their first row to their last, or to where they ended. */
  readonly iterations = new Spread();
  /** When each iteration began that goes on, in ms since 1970. The oldest comes first. */
  readonly open = new Map<object, number>();
  /** How old records were when they were put, in ms; null where nobody asks. */
  readonly ages: Spread | null;

  constructor(calls: readonly MeasuredCall[], measuresAges: boolean) {
    this.calls = new Map(calls.map((name) => [name, new Spread()]));
    this.ages = measuresAges ? new Spread() : null;
  }

  onCall(name: MeasuredCall, tookNs: number): void {
    this.calls.get(name)?.add(tookNs);
  }

  onIteration(name: MeasuredCall, tookNs: number): void {
    this.onCall(name, tookNs);
    this.iterations.add(tookNs);
  }

  get oldestMs(): number {
    const [oldest = 0] = this.open.values();
    return oldest;
  }
}

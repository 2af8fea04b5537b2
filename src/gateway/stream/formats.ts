import { BatchFormat } from './batch-format.ts';
import type { FrameFormat } from './frame.ts';
import { JsonFormat } from './json-format.ts';
import type { OpenedBatches } from './opened-batches.ts';
import type { RecordFields } from './record-json.ts';
import { RecordOutput } from './record-output.ts';
import type { RecordSelection } from './record-selection.ts';
import { SelectedBatchFormat } from './selected-batch-format.ts';

const KNOWN_MAX = 1000;

/** Keeps one format object for each way to write records, so that subscriptions share frames. */
export class Formats {
  readonly batches: OpenedBatches;
  readonly output: RecordOutput;
  /**
   * Weak references: only the subscriptions keep a format alive. Clients can make any number of
   * filters.
   */
  readonly #known = new Map<string, WeakRef<FrameFormat>>();
  #knownMax = KNOWN_MAX;

  constructor(batches: OpenedBatches) {
    this.batches = batches;
    this.output = new RecordOutput(batches);
  }

  json(fields: RecordFields, selection: RecordSelection, readsCommitted: boolean): FrameFormat {
    const { keys, values, headers, times } = fields;
    const key = `json ${readsCommitted} ${keys} ${values} ${headers} ${times} ${selection.key}`;
    return this.#find(key, () => new JsonFormat(this.output, fields, selection, readsCommitted));
  }

  batch(selection: RecordSelection, readsCommitted: boolean): FrameFormat {
    return this.#find(`batch ${readsCommitted} ${selection.key}`, () => {
      if (selection.takesAll) return new BatchFormat(readsCommitted);
      return new SelectedBatchFormat(this.output.out, this.batches, selection, readsCommitted);
    });
  }

  #find(key: string, make: () => FrameFormat): FrameFormat {
    const known = this.#known.get(key)?.deref();
    if (known !== undefined) return known;
    if (this.#known.size >= this.#knownMax) this.#forgetUnused();
    const format = make();
    this.#known.set(key, new WeakRef(format));
    return format;
  }

  #forgetUnused(): void {
    for (const [key, format] of this.#known) {
      if (format.deref() === undefined) this.#known.delete(key);
    }
    this.#knownMax = Math.max(KNOWN_MAX, 2 * this.#known.size);
  }
}

import { BatchFormat } from './batch-format.ts';
import type { FrameFormat } from './frame.ts';
import { JsonFormat } from './json-format.ts';
import { OpenedBatches } from './opened-batches.ts';
import type { RecordFields } from './record-json.ts';
import { RecordOutput } from './record-output.ts';
import type { RecordSelection } from './record-selection.ts';
import { SelectedBatchFormat } from './selected-batch-format.ts';

const FORMATS_MAX = 10_000;

/**
 * One format object for each way to write records, so that subscriptions can share their frames.
 */
export class Formats {
  readonly batches = new OpenedBatches();
  readonly output = new RecordOutput(this.batches);
  readonly #known = new Map<string, FrameFormat>();

  json(fields: RecordFields, selection: RecordSelection): FrameFormat {
    const { keys, values, headers, times } = fields;
    const key = `json ${keys} ${values} ${headers} ${times} ${selection.key}`;
    return this.#find(key, () => new JsonFormat(this.output, fields, selection));
  }

  batch(selection: RecordSelection): FrameFormat {
    return this.#find(`batch ${selection.key}`, () => {
      if (selection.takesAll) return new BatchFormat();
      return new SelectedBatchFormat(this.batches, selection);
    });
  }

  #find(key: string, make: () => FrameFormat): FrameFormat {
    let format = this.#known.get(key);
    if (format === undefined) {
      // Clients invent filters without end; those who hold a forgotten one only share less.
      if (this.#known.size >= FORMATS_MAX) this.#known.clear();
      format = make();
      this.#known.set(key, format);
    }
    return format;
  }
}

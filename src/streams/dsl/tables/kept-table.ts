import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import type { TableMaker } from './table-maker.ts';
import type { ValueView } from './value-view.ts';

/** A table that always keeps a store, and so has old values for whoever asks. */
export abstract class KeptTable implements TableMaker {
  readonly stores: readonly StoreSpec[];
  protected sendsOldValues = false;
  readonly #view: ValueView;

  constructor(spec: StoreSpec, view: ValueView) {
    this.stores = [spec];
    this.#view = view;
  }

  abstract make(): NodeProcessor;

  view(): ValueView {
    return this.#view;
  }

  sendOldValues(): boolean {
    this.sendsOldValues = true;
    return true;
  }
}

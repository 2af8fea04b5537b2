import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import type { ValueView } from '../tables/value-view.ts';
import { stateless } from './stateless.ts';

/** Brings the updates of several aggregates with one store together. */
export class TablePassThrough implements TableMaker {
  readonly #parents: readonly TableMaker[];

  constructor(parents: readonly TableMaker[]) {
    this.#parents = parents;
  }

  make(): NodeProcessor {
    return stateless.passThrough().make();
  }

  view(): ValueView {
    return this.#parents[0]!.view();
  }

  sendOldValues(): boolean {
    for (const parent of this.#parents) parent.sendOldValues(true);
    return true;
  }
}

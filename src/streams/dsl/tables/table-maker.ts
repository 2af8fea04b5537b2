import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { ValueView } from './value-view.ts';

/** What a table's node offers to the nodes below it. */
export interface TableMaker extends ProcessorMaker {
  /** Asking for it may make the table keep a store. */
  view(): ValueView;
  /**
   * Updates carry the old value from now on. False where the table has no old values because it
   * keeps no store, and `force` does not make it keep one.
   */
  sendOldValues(force: boolean): boolean;
}

import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { ParentTable } from './parent-table.ts';

/** What a table's node offers to the topology and to the nodes below it. */
export interface TableMaker extends ProcessorMaker, ParentTable {}

/** All topologies whose cases were recorded, by class and case. */

import { JOINS } from './joins.mjs';
import { STREAMS } from './streams.mjs';
import { TABLES } from './tables.mjs';
import { WINDOWS } from './windows.mjs';

export const RECORDED = { ...STREAMS, ...JOINS, ...TABLES, ...WINDOWS };

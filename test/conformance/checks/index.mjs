/** Every check, in the order in which they run. */

import { kafkaToolChecks } from './kafka-tools.mjs';
import { kcatChecks } from './kcat.mjs';
import { roundTripChecks } from './round-trips.mjs';

export const CHECKS = [...kafkaToolChecks, ...kcatChecks, ...roundTripChecks];

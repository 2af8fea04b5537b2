// The round trip as a program. Nothing ends the process: it must have no handle left.
import { roundTrip } from './round-trip.mjs';

await roundTrip();
console.log('round trip done');

import { test } from 'node:test';
import { roundTrip } from './round-trip.mjs';

test('makes a round trip', roundTrip);

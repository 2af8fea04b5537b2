import { expect, it } from 'vitest';
import { roundTrip } from './round-trip.mjs';

it('makes a round trip', async () => {
  await expect(roundTrip()).resolves.toBeUndefined();
}, 30_000);

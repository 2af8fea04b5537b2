import { roundTrip } from './round-trip.mjs';

test('makes a round trip', async () => {
  await expect(roundTrip()).resolves.toBeUndefined();
}, 30_000);

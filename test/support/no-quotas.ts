import { ManualClock } from '../../src/base/clock.ts';
import { Throttling } from '../../src/front/requests/throttling.ts';
import { ClientQuotas } from '../../src/security/quotas/client-quotas.ts';

const WINDOWS = { samples: 11, sampleMs: 1000, mutationSamples: 11, mutationSampleMs: 1000 };

/** What a broker holds its clients to that has no quotas. */
export const noQuotas = new Throttling(
  new ClientQuotas({ image: { quotas: new Map() } }, WINDOWS),
  new ManualClock(0),
);

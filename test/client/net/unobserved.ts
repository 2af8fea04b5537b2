import { MetricsRegistry } from '../../../src/client/metrics/metrics-registry.ts';
import { NetworkMetrics } from '../../../src/client/metrics/network-metrics.ts';

/** An observer for connections that nobody asks about. */
export function unobserved(): NetworkMetrics {
  const windows = { samples: 2, windowMs: 30_000 };
  return new NetworkMetrics(new MetricsRegistry({ clientId: 'test', kind: 'consumer', windows }));
}

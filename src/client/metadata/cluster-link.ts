import type { ClientSettings } from '../config/client-options.ts';
import { type ClientKind, MetricsRegistry } from '../metrics/metrics-registry.ts';
import { NetworkMetrics } from '../metrics/network-metrics.ts';
import { Network } from '../net/network.ts';
import { COORDINATOR_OF, CoordinatorFinder } from './coordinator-finder.ts';
import { Metadata, type MetadataOptions } from './metadata.ts';

/** What each client has of its cluster: connections, metadata, coordinators. */
export class ClusterLink {
  readonly settings: ClientSettings;
  readonly metrics: MetricsRegistry;
  readonly traffic: NetworkMetrics;
  readonly network: Network;
  readonly metadata: Metadata;
  readonly groups: CoordinatorFinder;
  readonly transactions: CoordinatorFinder;

  constructor(
    settings: ClientSettings,
    options: MetadataOptions,
    kind: ClientKind = 'admin-client',
  ) {
    const { clientId, metricsNumSamples: samples, metricsSampleWindowMs: windowMs } = settings;
    this.settings = settings;
    this.metrics = new MetricsRegistry({ clientId, kind, windows: { samples, windowMs } });
    this.traffic = new NetworkMetrics(this.metrics);
    this.network = new Network(settings, this.traffic);
    this.metadata = new Metadata(this.network, settings, options);
    this.groups = new CoordinatorFinder(this.network, COORDINATOR_OF.GROUP);
    this.transactions = new CoordinatorFinder(this.network, COORDINATOR_OF.TRANSACTION);
  }

  /** Closes all connections; what waits for an answer fails. */
  close(): void {
    this.metadata.close();
    this.network.close();
  }
}

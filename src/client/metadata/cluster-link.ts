import type { ClientSettings } from '../config/client-options.ts';
import { type ClientKind, MetricsRegistry } from '../metrics/metrics-registry.ts';
import { NetworkMetrics } from '../metrics/network-metrics.ts';
import { Network } from '../net/network.ts';
import { telemetryLabels } from '../telemetry/telemetry-labels.ts';
import { TelemetryPush } from '../telemetry/telemetry-push.ts';
import { COORDINATOR_OF, CoordinatorFinder } from './coordinator-finder.ts';
import { Metadata, type MetadataOptions } from './metadata.ts';

const LAST_PUSH_MS = 1_000;

/** What each client has of its cluster: connections, metadata, coordinators. */
export class ClusterLink {
  readonly settings: ClientSettings;
  readonly metrics: MetricsRegistry;
  readonly traffic: NetworkMetrics;
  readonly telemetry: TelemetryPush;
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
    this.telemetry = new TelemetryPush(this.network, this.metrics, {
      isEnabled: settings.enableMetricsPush,
      labels: telemetryLabels(settings),
      onError: settings.onError,
    });
    this.metadata = new Metadata(this.network, settings, options);
    this.groups = new CoordinatorFinder(this.network, COORDINATOR_OF.GROUP);
    this.transactions = new CoordinatorFinder(this.network, COORDINATOR_OF.TRANSACTION);
    this.metadata.onChange(() => this.telemetry.begin());
  }

  /** Tells brokers that want them the last metrics, within a second, and closes. */
  async end(): Promise<void> {
    await this.telemetry.end(LAST_PUSH_MS);
    this.close();
  }

  /** Closes all connections; what waits for an answer fails. */
  close(): void {
    this.metadata.close();
    this.network.close();
  }
}

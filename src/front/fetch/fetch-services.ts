import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Call } from '../net/call.ts';
import type { HintServices } from '../net/leader-hints.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Workers } from '../partitions/workers.ts';

/** What a fetch works with. */
export interface FetchServices extends HintServices {
  readonly settings: BrokerSettings;
  readonly partitions: Partitions;
  readonly workers: Workers;
  readonly loader: PartitionLoader;
  readonly metrics: RequestMetrics;
  readonly kafka: { readonly stopping: boolean };
  readonly rights: {
    allows(call: Call, operation: 'READ', resource: 'TOPIC', name: string): boolean;
  };
  readonly throttling: {
    fetchBytesMax(call: Call): number;
    fetched(call: Call, bytes: number): boolean;
  };
  readonly replies: {
    reply(call: Call, response: object): void;
    readFailure(mirror: PartitionMirror, outcome: number): number;
    fail(call: Call, thrown: unknown): void;
  };
}

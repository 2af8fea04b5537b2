import type { ControlClient } from './control-client.ts';
import type { Meter } from './meter.ts';
import type { LoadOptions } from './options.ts';

export interface Load {
  start(): void;
  /** Resolves when the requests that are under way have been answered. */
  stop(): Promise<void>;
}

export interface LoadSetup {
  readonly options: LoadOptions;
  /** Made for the run, with `options.partitions` each. */
  readonly topics: readonly string[];
  /** Throws where the broker does not speak Kafka's protocol. */
  readonly control: () => ControlClient;
  readonly meter: Meter;
  readonly onFailed: (error: Error) => void;
}

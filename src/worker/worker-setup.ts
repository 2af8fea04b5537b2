import type { MessagePort } from 'node:worker_threads';
import type { TopicPlaces } from '../exchange/control.ts';
import type { BellHandle } from '../log/native-calls.ts';

/** What a node of a cluster goes by from its start. */
export interface ReplicationRules {
  readonly nodeId: number;
  /** `replica.lag.time.max.ms` */
  readonly lagTimeMaxMs: number;
  /** `offsets.commit.timeout.ms` */
  readonly answerLimitMs: number;
}

/** What a worker must know, wherever it runs. */
export interface WorkerSettings {
  /** The last stop was clean: the logs match their checkpoints and need no scan. */
  readonly wasClean: boolean;
  readonly topics: readonly TopicPlaces[];
  /** Null for a node that decides alone. */
  readonly replication: ReplicationRules | null;
  readonly retentionCheckMs: number;
  readonly producerExpiryMs: number;
  readonly producerIdsMax: number;
  readonly freeBytesMin: number;
}

/** What the broker gives a worker thread at its start. */
export interface WorkerSetup extends WorkerSettings {
  readonly index: number;
  readonly commandRing: SharedArrayBuffer;
  readonly replyRing: SharedArrayBuffer;
  readonly parking: SharedArrayBuffer;
  readonly frontParking: SharedArrayBuffer;
  readonly frontBell: BellHandle;
  readonly port: MessagePort;
}

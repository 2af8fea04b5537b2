import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../src/base/clock.ts';
import type { LogSettings } from '../../src/base/log-settings.ts';
import type {
  ControlAnswer,
  ControlCommand,
  PartitionEvent,
  PartitionState,
} from '../../src/exchange/control.ts';
import type { FrontProxy } from '../../src/exchange/front-proxy.ts';
import { FreeSpaces } from '../../src/worker/free-spaces.ts';
import { PartitionHost } from '../../src/worker/partition-host.ts';
import { PartitionWorker } from '../../src/worker/partition-worker.ts';
import { CollectingLogger, makeBatch, NOW, SETTINGS, TOPIC_ID } from '../log/fixtures.ts';

export const SLOT = 3;
export const RETENTION_CHECK_MS = 1000;

/** A worker of one partition whose every message to the front is kept. */
export class WorkerStage {
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-worker-'));
  readonly clock = new ManualClock(NOW);
  readonly logger = new CollectingLogger();
  readonly events: PartitionEvent[] = [];
  readonly appendErrors: number[] = [];
  /** The log end of each state that the front was told of. */
  readonly toldEnds: number[] = [];
  #answer: ControlAnswer | null = null;
  readonly worker: PartitionWorker;

  constructor(changes: Partial<LogSettings> = {}) {
    const front = {
      event: (event: PartitionEvent) => void this.events.push(event),
      controlAnswer: (_ticket: number, answer: ControlAnswer) => {
        this.#answer = answer;
      },
      partition: (state: PartitionState, ticket: number, _index: number, error: number) => {
        this.toldEnds.push(state.logEnd.offset);
        if (ticket >= 0) this.appendErrors.push(error);
      },
      flush() {},
      sync() {},
    } as unknown as FrontProxy;
    const { clock, logger } = this;
    const host = new PartitionHost({
      clock,
      logger,
      spaces: new FreeSpaces(0, logger),
      producerExpiryMs: 86_400_000,
      producerIdsMax: 10,
      event: (event) => front.event(event),
      requestSync() {},
    });
    const checkpoint = { logStartOffset: 0, recoveryPoint: 0, highWatermark: 0 };
    const place = { slot: SLOT, index: 0, logDir: this.root, leaderEpoch: 0, ...checkpoint };
    const settings = { ...SETTINGS, segmentBytes: 1000, retentionMs: 60_000, ...changes };
    host.register({ name: 'topic', id: TOPIC_ID, settings, partitions: [place] });
    this.worker = new PartitionWorker(host, front, clock, logger, RETENTION_CHECK_MS);
  }

  ask(command: ControlCommand): ControlAnswer {
    this.worker.onControl(0, command);
    return this.#answer!;
  }

  /** The error of the last append that is answered, or undefined. */
  append(acks = 1): number | undefined {
    const batch = makeBatch(0, { recordBytes: 300 });
    this.worker.beforeBatch();
    this.worker.onAppend(SLOT, 0, 0, acks, 9, batch, 0, batch.length);
    this.worker.afterBatch();
    return this.appendErrors.at(-1);
  }

  get offline(): PartitionEvent[] {
    return this.events.filter(({ kind }) => kind === 'offline');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { TurnMemory } from '../../../src/base/turn-memory.ts';
import { ResidentWorker } from '../../../src/broker/resident-worker.ts';
import type { Election } from '../../../src/exchange/control.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import { Workers } from '../../../src/front/partitions/workers.ts';
import type { LeaderPeers } from '../../../src/front/replicas/leader-peers.ts';
import { ReplicaFetching } from '../../../src/front/replicas/replica-fetching.ts';
import type { ReplicaFetchSettings } from '../../../src/metadata/config/replica-fetch-settings.ts';
import { CollectingLogger, SETTINGS } from '../../log/fixtures.ts';
import { until } from '../../support/until.ts';
import type { LeaderLog } from './scripted-leader.ts';

export const NODE = 1;
export const LEADER = 2;
export const FETCH_SETTINGS: ReplicaFetchSettings = {
  partitionBytesMax: 1000,
  answerBytesMax: 10_000,
  bytesMin: 1,
  waitMaxMs: 500,
  backOffMs: 5,
  timeoutMs: 1000,
  connectTimeoutMs: 1000,
  fetchers: 1,
};
const TOPIC = 'topic';
export const TOPIC_ID = 'qqqqqqqqQQGqqqqqqqqqqg';

/** Followed partitions with a worker and logs of their own, and leaders that a test scripts. */
export class FollowerStage {
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-follower-'));
  readonly logger = new CollectingLogger();
  readonly partitions = new Partitions();
  readonly mirrors: PartitionMirror[];
  readonly fetching: ReplicaFetching;
  readonly workers: Workers;
  readonly failures: unknown[] = [];
  saveCheckpoints: () => Promise<unknown> = async () => {};

  constructor(
    peers: LeaderPeers,
    count = 1,
    segmentBytes = 1024 * 1024,
    settings: Partial<ReplicaFetchSettings> = {},
    peersOf: (fetcher: number) => LeaderPeers = () => peers,
  ) {
    const { root, logger, partitions, failures } = this;
    this.mirrors = Array.from({ length: count }, (_, index) => this.#mirror(index));
    const config = { ...SETTINGS, segmentBytes };
    const checkpoint = { logStartOffset: 0, recoveryPoint: 0, highWatermark: 0 };
    const role = 'follower' as const;
    const places = this.mirrors.map(({ slot, index }) => {
      return { slot, index, logDir: root, leaderEpoch: 0, role, ...checkpoint };
    });
    const topic = { name: TOPIC, id: TOPIC_ID, internal: false, config: config as never };
    partitions.add({ ...topic, partitions: this.mirrors, held: this.mirrors });
    const onDeath = (error: Error) => void failures.push(error);
    const crew = new ResidentWorker(
      {
        places: [[{ name: TOPIC, id: TOPIC_ID, settings: config, partitions: places }]],
        shared: {
          wasClean: true,
          replication: null,
          retentionCheckMs: 60_000,
          producerExpiryMs: 60_000,
          producerIdsMax: 10,
          freeBytesMin: 0,
        },
        onReplies: () => this.workers.drain(),
        onDeath,
        turnMemory: new TurnMemory(),
      },
      logger,
    );
    const afterDrain = () => {};
    const { links, frontParking } = crew;
    this.workers = new Workers(links, frontParking, partitions, logger, afterDrain, (thrown) => {
      failures.push(thrown);
    });
    this.fetching = new ReplicaFetching({
      nodeId: NODE,
      brokerEpoch: () => 77,
      metadataVersion: () => 30,
      settings: { ...FETCH_SETTINGS, ...settings },
      peersOf,
      throttle: { isExceeded: false, concerns: () => false, count() {} },
      workers: this.workers,
      saveCheckpoints: () => this.saveCheckpoints(),
      clock: systemClock,
      logger,
    });
  }

  #mirror(index: number): PartitionMirror {
    const directory = `${this.root}${sep}${TOPIC}-${index}`;
    return new PartitionMirror(index + 10, 0, TOPIC, TOPIC_ID, index, directory, 0);
  }

  /** Another broker leads these partitions from now on, or none. */
  async follow(leaderEpoch: number, leaderId = LEADER, mirrors = this.mirrors): Promise<void> {
    for (const mirror of mirrors) Object.assign(mirror, { leaderEpoch, leaderId, isLeader: false });
    await this.#elect(mirrors, leaderEpoch, 'follower');
  }

  async lead(leaderEpoch: number, mirrors = this.mirrors): Promise<void> {
    for (const mirror of mirrors) {
      Object.assign(mirror, { leaderEpoch, leaderId: NODE, isLeader: true });
    }
    await this.#elect(mirrors, leaderEpoch, 'leader');
  }

  async #elect(
    mirrors: readonly PartitionMirror[],
    leaderEpoch: number,
    role: Election['role'],
  ): Promise<void> {
    const elections = mirrors.map(({ slot }) => ({ slot, leaderEpoch, role }));
    await this.workers.control(0, { kind: 'elect', elections });
    this.fetching.elected(mirrors);
  }

  /** All that the log of a partition has. */
  bytes(index = 0): Buffer {
    const { directory } = this.mirrors[index]!;
    const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
    const { offset, segmentBase, position } = this.mirrors[index]!.logEnd;
    return Buffer.concat(
      names.sort().map((name) => {
        const isActive = Number.parseInt(name, 10) === segmentBase && offset >= 0;
        const bytes = readFileSync(join(directory, name));
        return isActive ? bytes.subarray(0, position) : bytes;
      }),
    );
  }

  /** Resolves when the log is the leader's. */
  async untilSame(log: LeaderLog, index = 0): Promise<void> {
    await until(`partition ${index} has what the leader has`, async () => {
      const { logEndOffset, known } = this.mirrors[index]!;
      return known && logEndOffset === log.endOffset && this.bytes(index).equals(log.bytes);
    });
  }

  async close(): Promise<void> {
    await this.fetching.close();
    await this.workers.control(0, { kind: 'stop' });
    rmSync(this.root, { recursive: true, force: true });
  }
}

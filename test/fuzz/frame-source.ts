import { API } from '../../src/protocol/api-keys.ts';
import { allCodecs } from '../../src/protocol/api-registry.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { frame } from '../support/raw-peer.ts';
import { damagedBatch } from './batch-mutator.ts';
import { type FuzzedApi, mutated, validFrame } from './frame-mutator.ts';

/** What a stopped fuzzer of Produce leaves behind must not stop the healthy client's topic. */
export const TARGET_TOPIC = 'fuzzed';
/** Batches are stored as they come here, and looked into when they are asked for by time. */
export const RAW_TOPIC = 'raw';

/** Requests of every kind in turn, each version as often as the other. */
export class FrameSource {
  readonly #random: () => number;
  readonly #apis: readonly FuzzedApi[];
  readonly #versions: { api: FuzzedApi; version: number }[] = [];
  #next = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#apis = allCodecs();
    for (const api of this.#apis) {
      const { lowest, highest } = api.request.versions;
      for (let version = lowest; version <= highest; version++) {
        this.#versions.push({ api, version });
      }
    }
  }

  take(): Buffer {
    const random = this.#random;
    if (random() < 0.15) return frame(this.#produce());
    if (random() < 0.03) return frame(this.#offsetByTime());
    const { api, version } = this.#versions[this.#next++ % this.#versions.length]!;
    const valid = validFrame(api, version, random);
    const shape = random();
    if (shape < 0.2) return frame(valid);
    if (shape < 0.3) {
      // A cut with the length of the whole: the rest never comes.
      return frame(valid).subarray(0, Math.floor(random() * (valid.length + 4)));
    }
    if (shape < 0.35) return mutated(frame(valid), random);
    return frame(mutated(valid, random));
  }

  #produce(): Buffer {
    return encodeRequest(
      API.PRODUCE,
      9,
      { correlationId: 1, clientId: 'fuzz' },
      {
        transactionalId: null,
        acks: 1,
        timeoutMs: 100,
        topicData: [
          {
            name: this.#random() < 0.5 ? TARGET_TOPIC : RAW_TOPIC,
            partitionData: [{ index: 0, records: damagedBatch(this.#random) }],
          },
        ],
      },
    );
  }

  /** -3 is the largest timestamp. */
  #offsetByTime(): Buffer {
    const timestamp = this.#random() < 0.3 ? -3 : Math.floor(this.#random() * 2 ** 41);
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
    return encodeRequest(
      API.LIST_OFFSETS,
      7,
      { correlationId: 1, clientId: 'fuzz' },
      { replicaId: -1, isolationLevel: 0, topics: [{ name: RAW_TOPIC, partitions }] },
    );
  }
}

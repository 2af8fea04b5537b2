/** Produces to all partitions of all topics, closed loop or at a fixed rate. */

import { initProducerId, type ProducerIdentity } from './admin.ts';
import { type BatchSpec, buildBatch, KEY_BYTES, recordsInBatch } from './batches.ts';
import { KeyPatch } from './key-patch.ts';
import { LoadConnection } from './load-connection.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import type { Meter } from './meter.ts';
import type { LoadOptions } from './options.ts';
import { Pacer } from './pacer.ts';
import { type Packed, packFrames } from './pack-frames.ts';
import { type LaneEntry, ProduceLane } from './produce-lane.ts';
import { produceErrorAt, produceFrame } from './produce-request.ts';
import { SequencePatch } from './sequence-patch.ts';

interface Target {
  readonly topic: string;
  readonly partition: number;
  readonly sequence: { next: number };
}

export interface ProducePlan {
  readonly options: LoadOptions;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly identity: ProducerIdentity | undefined;
}

function targetsOf(plan: ProducePlan): Target[] {
  return plan.topics.flatMap((topic) =>
    Array.from({ length: plan.partitions }, (_, partition) => ({
      topic,
      partition,
      sequence: { next: 0 },
    })),
  );
}

/** Connection c has the targets c, c + connections, ...; or shares one where there are fewer. */
function targetsOfConnection(targets: readonly Target[], index: number, count: number): Target[] {
  if (count >= targets.length) return [targets[index % targets.length]!];
  return targets.filter((_, at) => at % count === index);
}

export function recordsPerBatchOf(options: LoadOptions): number {
  if (options.batchBytes === 0) return 1;
  return recordsInBatch(
    options.batchBytes,
    options.recordBytes,
    options.keys === 0 ? 0 : KEY_BYTES,
  );
}

/** Entries of one lane, with the sequence patches on the packed copy that will be sent. */
function entriesOf(plan: ProducePlan, targets: readonly Target[], seed: number): LaneEntry[] {
  const { options } = plan;
  const recordsPerBatch = recordsPerBatchOf(options);
  const count = targets.length * Math.ceil(options.inFlight / targets.length);
  return Array.from({ length: count }, (_, index) => {
    const target = targets[index % targets.length]!;
    const spec: BatchSpec = {
      codec: options.codec,
      recordBytes: options.recordBytes,
      recordsPerBatch,
      seed: seed * 7919 + index + 1,
      keyed: options.keys > 0,
      ...(plan.identity === undefined ? {} : { producer: plan.identity }),
    };
    const batch = buildBatch(spec, Date.now());
    return {
      frame: produceFrame({ ...target, acks: options.acks }, index, batch),
      errorAt: produceErrorAt(target.topic),
      patch: undefined,
      sequence: target.sequence,
      messages: recordsPerBatch,
    };
  });
}

function withPatches(
  plan: ProducePlan,
  entries: readonly LaneEntry[],
  packed: Packed,
): LaneEntry[] {
  const { keys } = plan.options;
  if (plan.identity === undefined && keys === 0) return [...entries];
  return entries.map((entry, index) => {
    const batchAt = packed.starts[index]! + entry.frame.batchAt;
    const batchEnd = packed.starts[index]! + entry.frame.batchEnd;
    const patch =
      keys === 0
        ? new SequencePatch(packed.bytes, batchAt, batchEnd)
        : new KeyPatch(packed.bytes, batchAt, batchEnd, keys);
    return { ...entry, patch };
  });
}

export async function openLanes(
  plan: ProducePlan,
  intendedMs: (lane: number) => ((index: number) => number) | undefined,
): Promise<ProduceLane[]> {
  const { options } = plan;
  const targets = targetsOf(plan);
  const lanes: ProduceLane[] = [];
  for (let index = 0; index < options.connections; index++) {
    const connection = await LoadConnection.open(options.host, options.port);
    const own = targetsOfConnection(targets, index, options.connections);
    const bare = entriesOf(plan, own, index + 1);
    const packed = packFrames(bare.map((entry) => entry.frame));
    const entries = withPatches(plan, bare, packed);
    const { inFlight, acks } = options;
    const settings = { inFlight, acks, intendedMs: intendedMs(index) };
    lanes.push(new ProduceLane(connection, entries, settings, packed));
  }
  return lanes;
}

export class ProduceLoad implements Load {
  readonly #lanes: readonly ProduceLane[];
  readonly #pacer: Pacer | undefined;
  readonly #meter: Meter;

  private constructor(lanes: readonly ProduceLane[], pacer: Pacer | undefined, meter: Meter) {
    this.#lanes = lanes;
    this.#pacer = pacer;
    this.#meter = meter;
  }

  static async open(setup: LoadSetup): Promise<ProduceLoad> {
    const { options, topics, meter, onFailed } = setup;
    const identity = options.idempotent ? await initProducerId(setup.control()) : undefined;
    const plan = { options, topics, partitions: options.partitions, identity };
    const perSecond = options.rate / recordsPerBatchOf(options);
    const pacer = options.rate === 0 ? undefined : new Pacer(perSecond);
    const count = options.connections;
    const lanes = await openLanes(plan, (lane) =>
      pacer === undefined ? undefined : (index) => pacer.intendedMs(index * count + lane),
    );
    for (const lane of lanes) {
      lane.onDone = (latencyMs, messages, bytes) => meter.done(latencyMs, messages, bytes);
      lane.onFailed = onFailed;
    }
    return new ProduceLoad(lanes, pacer, meter);
  }

  start(): void {
    const lanes = this.#lanes;
    if (this.#pacer === undefined) {
      for (const lane of lanes) lane.release(Number.MAX_SAFE_INTEGER);
      return;
    }
    this.#pacer.start(
      (due) => {
        for (let index = 0; index < lanes.length; index++) {
          lanes[index]!.release(Math.ceil((due - index) / lanes.length));
        }
      },
      (lateMs) => this.#meter.ticked(lateMs),
    );
  }

  async stop(): Promise<void> {
    this.#pacer?.stop();
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

/** Encoded requests to the leaders of all partitions, as fast as they are acknowledged. */
import type { Figures } from '../figures.ts';
import { buildBatch, recordsInBatch } from '../load/batches.ts';
import { LoadConnection } from '../load/load-connection.ts';
import { packFrames } from '../load/pack-frames.ts';
import { busySecondsOfMachine, cpuSecondsOf } from '../load/process-stats.ts';
import { type LaneEntry, ProduceLane } from '../load/produce-lane.ts';
import { produceErrorAt, produceFrame } from '../load/produce-request.ts';
import { BATCH_BYTES, RECORD_BYTES } from './cluster-scenario.ts';
import type { LeadingBroker } from './topic-leaders.ts';

export interface ProducePlan {
  readonly topic: string;
  readonly leaders: readonly LeadingBroker[];
  readonly connections: number;
  readonly inFlight: number;
  readonly warmupRecords: number;
  readonly records: number;
  readonly brokerPids: readonly number[];
  readonly controllerPids: readonly number[];
}

const ALL_IN_SYNC = -1;
const RECORDS_PER_BATCH = recordsInBatch(BATCH_BYTES, RECORD_BYTES);

interface Mark {
  readonly atMs: number;
  readonly own: number;
  readonly brokers: number;
  readonly controllers: number;
  readonly machine: number;
}

function markOf({ brokerPids, controllerPids }: ProducePlan): Mark {
  const cpuOf = (pids: readonly number[]): number =>
    pids.reduce((total, pid) => total + cpuSecondsOf(pid), 0);
  const { user, system } = process.cpuUsage();
  return {
    atMs: performance.now(),
    own: (user + system) / 1e6,
    brokers: cpuOf(brokerPids),
    controllers: cpuOf(controllerPids),
    machine: busySecondsOfMachine(),
  };
}

/** Resolves when the records that are measured have been acknowledged. */
export async function produceToLeaders(plan: ProducePlan): Promise<Figures> {
  const lanes = await lanesOf(plan);
  const measuredFrom = plan.warmupRecords;
  const measuredTo = plan.warmupRecords + plan.records;
  let done = 0;
  let from: Mark | undefined;
  let records = 0;
  const to = await new Promise<Mark>((resolve, reject) => {
    for (const lane of lanes) {
      lane.onFailed = reject;
      lane.onDone = (_latencyMs, messages) => {
        done += messages;
        if (from !== undefined) records += messages;
        else if (done >= measuredFrom) from = markOf(plan);
        if (done >= measuredTo && done - messages < measuredTo) resolve(markOf(plan));
      };
      lane.release(Number.MAX_SAFE_INTEGER);
    }
  });
  const figures = figuresBetween(from!, to, records);
  await Promise.all(lanes.map((lane) => lane.stop()));
  return figures;
}

function figuresBetween(from: Mark, to: Mark, records: number): Figures {
  const seconds = (to.atMs - from.atMs) / 1000;
  const brokers = to.brokers - from.brokers;
  const loadCpuSeconds = to.own - from.own;
  const controllerCpuSeconds = to.controllers - from.controllers;
  const known = brokers + loadCpuSeconds + controllerCpuSeconds;
  return {
    seconds,
    messagesPerSecond: records / seconds,
    brokerCpuUsBatch: (brokers * 1e6) / (records / RECORDS_PER_BATCH),
    loadCpuSeconds,
    controllerCpuSeconds,
    otherCpuSeconds: Math.max(0, to.machine - from.machine - known),
  };
}

async function lanesOf(plan: ProducePlan): Promise<ProduceLane[]> {
  const lanes: ProduceLane[] = [];
  const { inFlight, connections } = plan;
  for (const leader of plan.leaders.filter(({ partitions }) => partitions.length > 0)) {
    for (let index = 0; index < connections; index++) {
      const connection = await LoadConnection.open(leader.host, leader.port);
      const entries = entriesOf(plan, leader, leader.id * connections + index);
      const packed = packFrames(entries.map(({ frame }) => frame));
      const settings = { inFlight, acks: ALL_IN_SYNC, intendedMs: undefined };
      lanes.push(new ProduceLane(connection, entries, settings, packed));
    }
  }
  return lanes;
}

/** The leader's partitions in turn, at least as many requests as may be in flight. */
function entriesOf(plan: ProducePlan, leader: LeadingBroker, seed: number): LaneEntry[] {
  const { topic, inFlight } = plan;
  const { partitions } = leader;
  const length = partitions.length * Math.ceil(inFlight / partitions.length);
  return Array.from({ length }, (_, index) => {
    const spec = {
      codec: 'none',
      recordBytes: RECORD_BYTES,
      recordsPerBatch: RECORDS_PER_BATCH,
      seed: seed * length + index + 1,
    } as const;
    const partition = partitions[index % partitions.length]!;
    const batch = buildBatch(spec, Date.now());
    return {
      frame: produceFrame({ topic, partition, acks: ALL_IN_SYNC }, index, batch),
      errorAt: produceErrorAt(topic),
      patch: undefined,
      sequence: { next: 0 },
      messages: RECORDS_PER_BATCH,
    };
  });
}

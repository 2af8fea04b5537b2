import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';
import type { MeasuredFigures } from './measured-figures.ts';
import { parseQuantity, type QuantityKind } from './quantity.ts';

/** An input of the formulas: its option, what it counts, and what holds where it is not given. */
export interface InputSpec {
  readonly kind: QuantityKind;
  readonly help: string;
  readonly whole?: boolean;
  /** Kafka's default of the setting of this name, or the least that makes sense. */
  readonly standard?: number;
  readonly measured?: (figures: MeasuredFigures) => number | undefined;
}

const BYTES_PER_MB = 1e6;

/** By their options; the order is that of the usage text. */
export const PLAN_INPUTS = {
  rate: { kind: 'count', help: 'records a second that come in' },
  'record-size': { kind: 'bytes', help: 'bytes of a record', standard: 100 },
  'batch-size': { kind: 'bytes', help: 'batch.size of the producer', standard: 16_384 },
  linger: { kind: 'milliseconds', help: 'linger.ms of the producer', standard: 5 },
  'in-flight': {
    kind: 'count',
    whole: true,
    help: 'requests of a producer that wait for their answer',
    standard: 5,
  },
  'round-trip': {
    kind: 'milliseconds',
    help: 'from a produce request to its answer',
    measured: (figures) => figures.figure('produce-acks1', 'p50Ms'),
  },
  'partition-bytes': {
    kind: 'bytes',
    help: 'bytes a second that one partition takes',
    measured: (figures) => bytesOf(figures.figure('produce-acks1', 'mbPerSecond')),
  },
  'poll-interval': { kind: 'milliseconds', help: 'from one poll of a consumer to the next' },
  'records-per-poll': {
    kind: 'count',
    whole: true,
    help: 'max.poll.records of the consumer',
    standard: 500,
  },
  'fetch-bytes': {
    kind: 'bytes',
    help: 'bytes a second that one consumer fetches at most',
    measured: (figures) => bytesOf(figures.figure('fetch-catch-up', 'mbPerSecond')),
  },
  consumers: { kind: 'count', whole: true, help: 'consumers in the group', standard: 1 },
  lag: { kind: 'count', whole: true, help: 'records that the group is behind' },
  retention: { kind: 'milliseconds', help: 'how long records are kept', standard: 7 * 86_400e3 },
  partitions: { kind: 'count', whole: true, help: 'partitions of the topic' },
  replicas: { kind: 'count', whole: true, help: 'replication factor', standard: 1 },
  brokers: { kind: 'count', whole: true, help: 'brokers of the cluster', standard: 1 },
} as const satisfies Readonly<Record<string, InputSpec>>;

export type InputName = keyof typeof PLAN_INPUTS;

export interface PlanInput {
  readonly value: number;
  readonly from: 'given' | 'measured' | 'default';
}

export type PlanInputs = ReadonlyMap<InputName, PlanInput>;

/** What was given goes before what was measured, and that before the defaults. */
export function planInputs(given: CommandArguments, figures: MeasuredFigures): PlanInputs {
  const inputs = new Map<InputName, PlanInput>();
  for (const name of Object.keys(PLAN_INPUTS) as InputName[]) {
    const spec: InputSpec = PLAN_INPUTS[name];
    const text = given.text(name);
    if (text !== undefined) {
      const value = parseQuantity(name, text, spec.kind);
      if (spec.whole && !Number.isInteger(value)) {
        throw new UsageError(`--${name} ${text}: expected a whole number`);
      }
      inputs.set(name, { value, from: 'given' });
      continue;
    }
    const measured = spec.measured?.(figures);
    if (measured !== undefined) inputs.set(name, { value: measured, from: 'measured' });
    else if (spec.standard !== undefined) {
      inputs.set(name, { value: spec.standard, from: 'default' });
    }
  }
  return inputs;
}

function bytesOf(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : megabytes * BYTES_PER_MB;
}

/** The rows of the client's table: its load, what is wanted of it, and who can do the same. */
import type { RowScenario, Target } from '../scenario.ts';

/** Other clients, and millrace's own without the addon. */
export const CLIENT_NAMES = ['portable', 'kafkajs', 'confluent', 'platformatic', 'java'] as const;

export type ClientName = (typeof CLIENT_NAMES)[number];

export interface ClientScenario extends RowScenario {
  /** Of the topic. */
  readonly partitions: number;
  /** The topic is filled with records before. */
  readonly consumes: boolean;
  /** What the programs of other Node clients are asked for; none has it where it is missing. */
  readonly rivalLoad?: string;
  /** Arguments of ProducerPerformance, or of ConsumerPerformance where it consumes. */
  readonly javaArgs?: readonly string[];
  /** Measured for so long, whatever the command line says. */
  readonly seconds?: number;
}

const SINGLE = { partitions: 1, consumes: false };
const FILLED = { partitions: 1, consumes: true };
const MILLION = 1e6;

function wanted(million: number, cpuUs?: number): readonly Target[] {
  const rate: Target = { figure: 'messagesPerSecond', atLeast: million * MILLION, of: 'fixed' };
  if (cpuUs === undefined) return [rate];
  return [rate, { figure: 'clientCpuUs', atMost: cpuUs, of: 'fixed' }];
}

function atMost(figure: string, most: number): Target {
  return { figure, atMost: most, of: 'fixed' };
}

export const CLIENT_SCENARIOS: readonly ClientScenario[] = [
  {
    ...SINGLE,
    name: 'client-enqueue-bytes',
    title: '`enqueue` of bytes, acks=1, 16 KB, linger 5; rivals: 148 a send, 5 at once',
    rivalLoad: 'produce',
    javaArgs: ['acks=1'],
    targets: wanted(2, 0.25),
  },
  {
    ...SINGLE,
    name: 'client-enqueue-text',
    title: '`enqueue` of text, key and value',
    targets: wanted(1.2, 0.35),
  },
  { ...SINGLE, name: 'client-enqueue-json', title: 'typed JSON', targets: wanted(0.6, 0.9) },
  {
    ...SINGLE,
    name: 'client-send-awaited',
    title: '`send`, 5,000 awaited at once',
    rivalLoad: 'singles',
    targets: wanted(0.9, 0.5),
  },
  {
    ...SINGLE,
    name: 'client-idempotent',
    title: 'idempotent, acks=all; rivals: acks=all',
    rivalLoad: 'produce-all',
    javaArgs: ['acks=all'],
    targets: wanted(1.6),
  },
  {
    ...SINGLE,
    name: 'client-transactional',
    title: 'transactions of 100 ms',
    targets: wanted(1.2),
  },
  { ...SINGLE, name: 'client-lz4', title: 'lz4', targets: wanted(1.2) },
  { ...SINGLE, name: 'client-gzip', title: 'gzip', targets: wanted(0.7) },
  { ...SINGLE, name: 'client-snappy', title: 'snappy', targets: wanted(1.2) },
  { ...SINGLE, name: 'client-zstd', title: 'zstd', targets: wanted(0.4) },
  {
    ...FILLED,
    name: 'client-consume-batches',
    title: 'consume, batches untouched; rivals: batches',
    rivalLoad: 'consume-batches',
    javaArgs: [],
    targets: wanted(4, 0.12),
  },
  {
    ...FILLED,
    name: 'client-consume-values',
    title: 'consume, values as bytes',
    targets: wanted(2.5, 0.25),
  },
  {
    ...FILLED,
    name: 'client-consume-texts',
    title: 'consume, values as text',
    targets: wanted(1.8, 0.3),
  },
  {
    ...FILLED,
    name: 'client-consume-records',
    title: 'consume, `for await` over records',
    rivalLoad: 'consume-records',
    targets: wanted(1.3, 0.4),
  },
  {
    ...SINGLE,
    name: 'client-one-at-a-time',
    title: 'one record at a time, acks=all, linger 0',
    targets: [atMost('p50Ms', 0.2)],
  },
  {
    ...SINGLE,
    name: 'client-sixteen-loops',
    title: 'the same in 16 loops of one producer',
    targets: wanted(0.045),
  },
  {
    ...SINGLE,
    name: 'client-flat-out',
    title: '`enqueue` of bytes flat out for 60 s: growth of the heap, memory of the process',
    seconds: 60,
    targets: [atMost('heapKibPerSecond', 1), atMost('clientRssMib', 90)],
  },
  {
    name: 'client-many-partitions',
    title: '1,000 partitions, 10 records a second each: buffers',
    partitions: 1000,
    consumes: false,
    targets: [atMost('clientBufferMib', 40)],
  },
];

/** What a program that measures one client is told, and what it tells at its end. */
import { parseArgs } from 'node:util';

export interface ProgramSetup {
  readonly bootstrap: string;
  readonly topic: string;
  readonly load: string;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** What the topic holds before a load that consumes. */
  readonly records: number;
}

/** All fields are numbers; the programs of other clients print the same as JSON. */
export interface ProgramResult {
  /** Acknowledged, or handed out, within the measured time. */
  readonly messages: number;
  readonly seconds: number;
  /** User and system time of the client's process within the measured time. */
  readonly cpuSeconds: number;
  /** Acknowledged since the program began, the warm-up included: the topic must hold as many. */
  readonly total: number;
  /** Transactions that were committed: each takes an offset more. */
  readonly markers?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly rssMib?: number;
  readonly heapKibPerSecond?: number;
  readonly bufferMib?: number;
}

export function readSetup(args: readonly string[]): ProgramSetup {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bootstrap: { type: 'string', default: '' },
      topic: { type: 'string', default: '' },
      load: { type: 'string', default: '' },
      warmup: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '1' },
      records: { type: 'string', default: '0' },
    },
  });
  return {
    bootstrap: values.bootstrap,
    topic: values.topic,
    load: values.load,
    warmupMs: Number(values.warmup) * 1000,
    measureMs: Number(values.seconds) * 1000,
    records: Number(values.records),
  };
}

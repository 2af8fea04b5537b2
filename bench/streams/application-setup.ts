/** What an application that is measured is told. */
import { parseArgs } from 'node:util';
import type { Guarantee, StreamsTopologyName } from './streams-scenarios.ts';

export interface ApplicationSetup {
  /**
   * `fill` and `fill-rows` make the input; `flow`, `first`, `running`, `rows` and `restore` are
   * applications, `probe` is a client of one, and `driver` has no broker.
   */
  readonly load: string;
  readonly bootstrap: string;
  readonly topology: StreamsTopologyName;
  readonly guarantee: Guarantee;
  readonly application: string;
  readonly stateDir: string;
  readonly input: string;
  readonly table: string;
  readonly output: string;
  /** What the input holds, or is to be filled with. */
  readonly records: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

const TEXTS = ['load', 'bootstrap', 'topology', 'guarantee', 'application', 'stateDir'] as const;
const TOPICS = ['input', 'table', 'output'] as const;
const NUMBERS = ['records', 'warmupMs', 'measureMs'] as const;

export function readApplicationSetup(args: readonly string[]): ApplicationSetup {
  const names = [...TEXTS, ...TOPICS, ...NUMBERS];
  const options = Object.fromEntries(
    names.map((name) => [name, { type: 'string' as const, default: '' }]),
  );
  const { values } = parseArgs({ args: [...args], options });
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, Number(values[name])]));
  return { ...values, ...numbers } as unknown as ApplicationSetup;
}

export function applicationArgs(setup: ApplicationSetup): string[] {
  return Object.entries(setup).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}

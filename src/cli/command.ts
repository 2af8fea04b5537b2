import type { CommandArguments } from './command-arguments.ts';

export interface OptionSpec {
  /** What stands for the value in the usage text; without it the option is a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly repeatable?: boolean;
  /** The option that this is another name of; the help leaves it out. */
  readonly as?: string;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** Answers the exit code. */
export type CommandRun = (given: CommandArguments) => Promise<number>;

export interface CommandSpec {
  /** 'topics create' */
  readonly name: string;
  /** The positionals as the usage text shows them: 'NAME…'. */
  readonly operands: string;
  readonly operandsMax: number;
  readonly summary: string;
  /** For test suites: the overview leaves it out. */
  readonly isHidden?: boolean;
  readonly options: OptionTable;
  /** Loaded when it is called: each command costs only its own modules. */
  readonly load: () => Promise<CommandRun>;
}

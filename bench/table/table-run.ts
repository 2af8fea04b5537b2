/** Runs the rows of the table: each of its command lines in rounds, against all who take part. */

import type { DriveResult } from '../drive/drive-result.ts';
import { type Figures, medianOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { planLine } from '../harness/planned-line.ts';
import { type Round, type Rounds, takeRounds } from '../harness/rounds.ts';
import { warmUp } from '../harness/warm-up.ts';
import { distances } from '../limits/distance.ts';
import type { Limits } from '../limits/limits.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import { lineOf } from './table-lines.ts';
import type { TableOptions } from './table-options.ts';
import type { TableMode, TableRow } from './table-report.ts';

/** Of a turn: its clients start and end, a group is joined, a topic goes. */
const AROUND_A_TURN_SECONDS = 1.2;
/** Of all rounds, one in so many may be repeated because others took the processors. */
const ROUNDS_A_SPARE = 8;

export interface TableField {
  /** millrace is the first of them. */
  readonly all: readonly Contestant[];
  readonly limits: Limits;
  readonly profileFolder: string;
  readonly note: (text: string) => void;
}

export class TableRun {
  readonly #options: TableOptions;
  readonly #field: TableField;
  #secondsLeft = 0;
  #spare: number;

  constructor(options: TableOptions, field: TableField) {
    this.#options = options;
    this.#field = field;
    for (const scenario of options.scenarios) {
      for (const mode of options.modes) this.#secondsLeft += this.#secondsOf(scenario, mode);
    }
    const rounds = options.scenarios.length * options.modes.length * options.rounds;
    // A run of single rounds is one in a hurry.
    this.#spare = options.rounds > 1 ? Math.floor(rounds / ROUNDS_A_SPARE) : 0;
  }

  async rows(): Promise<TableRow[]> {
    const rows: TableRow[] = [];
    for (const who of this.#field.all) await warmUp(who);
    for (const scenario of this.#options.scenarios) rows.push(...(await this.#rowsOf(scenario)));
    return rows;
  }

  async #rowsOf(scenario: TableScenario): Promise<TableRow[]> {
    const { all } = this.#field;
    const taken = new Map<TableMode, Rounds<DriveResult>>();
    for (const mode of this.#options.modes) taken.set(mode, await this.#take(scenario, mode));
    // The next row meets a broker that has done nothing yet; Kafka's would be cold.
    for (const who of all) if (who.name !== 'kafka') await who.discardShared();
    return all.map(({ name }) => {
      // None where the mode was not asked for.
      const roundsOf = (mode: TableMode): readonly Round<DriveResult>[] =>
        taken.get(mode)?.kept.get(name) ?? [];
      const figuresIn = (mode: TableMode): Figures =>
        medianOf(roundsOf(mode).map(({ figures }) => figures));
      const resultsOf = (mode: TableMode): DriveResult[] =>
        roundsOf(mode).map(({ result }) => result);
      return {
        scenario,
        broker: name,
        flat: figuresIn('flat'),
        flat1k: figuresIn('flat1k'),
        held: figuresIn('held'),
        command: this.#commandOf(`--only ${scenario.name}`),
        commands: {
          held: this.#commandOf(lineOf(scenario, 'held'), this.#warmupSecondsOf(scenario, 'held')),
          flat: this.#commandOf(lineOf(scenario, 'flat')),
          flat1k: this.#commandOf(lineOf(scenario, 'flat1k')),
        },
        isDisturbed: [...taken.values()].some(({ disturbed }) => disturbed > 0),
        rounds: {
          flat: resultsOf('flat'),
          flat1k: resultsOf('flat1k'),
          held: resultsOf('held'),
        },
      };
    });
  }

  async #take(scenario: TableScenario, mode: TableMode): Promise<Rounds<DriveResult>> {
    const { all, limits, profileFolder, note } = this.#field;
    const { measureMs, rounds } = this.#options;
    const seconds = this.#secondsOf(scenario, mode);
    const left = Math.round(this.#secondsLeft);
    note(`${scenario.title}, ${mode}: ${Math.round(seconds)} s; all that is left: ${left} s`);
    this.#secondsLeft -= seconds;
    const line = planLine(lineOf(scenario, mode).split(' '));
    const path = line.command.path!(line.options);
    const warmupSeconds = this.#warmupSecondsOf(scenario, mode);
    const timing = { warmupSeconds, seconds: measureMs / 1000, profileFolder };
    const taken = await takeRounds(
      all.map(({ name }) => name),
      rounds,
      this.#spare,
      async (name) => {
        const who = all.find((each) => each.name === name)!;
        const { figures, result } = await who.explaining(line.take(who, { ...timing, note }));
        return {
          figures: { ...figures, ...distances(figures, path, limits) },
          result: result as DriveResult,
        };
      },
    );
    this.#spare -= taken.voided;
    return taken;
  }

  #warmupSecondsOf({ heldWarmupSeconds = 0 }: TableScenario, mode: TableMode): number {
    const usual = this.#options.warmupMs / 1000;
    return mode === 'held' ? Math.max(usual, heldWarmupSeconds) : usual;
  }

  /** Of all rounds of a line. */
  #secondsOf(scenario: TableScenario, mode: TableMode): number {
    const { measureMs, rounds } = this.#options;
    const turn = this.#warmupSecondsOf(scenario, mode) + measureMs / 1000 + AROUND_A_TURN_SECONDS;
    return turn * rounds * this.#field.all.length;
  }

  /** What makes it again, whatever the defaults are by then. */
  #commandOf(what: string, warmupSeconds = this.#options.warmupMs / 1000): string {
    const { measureMs, rounds, against } = this.#options;
    const times = `--seconds ${measureMs / 1000} --warmup ${warmupSeconds} --rounds ${rounds}`;
    const rivals = against.length === 0 ? '' : ` --against ${against.join(',')}`;
    return `npm run bench -- ${what} ${times}${rivals}`;
  }
}

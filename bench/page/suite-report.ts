/** A run of a suite or of command lines: what its page is made of, and what stands beside it. */
import type { Row, Verdict } from '../comparison.ts';
import { verdictsOf } from '../comparison.ts';
import type { DriveResult } from '../drive/drive-result.ts';
import type { Figures } from '../figures.ts';
import type { LineRow } from '../harness/line-row.ts';
import type { RunOrigin } from '../run-origin.ts';
import type { RowScenario } from '../scenario.ts';

export interface SuiteTaker {
  readonly name: string;
  readonly figures: Figures;
  /** Sampled over time, where the turn was. */
  readonly turn?: DriveResult;
}

export interface SuiteSection {
  readonly name: string;
  readonly title: string;
  /** millrace is the first of them. */
  readonly takers: readonly SuiteTaker[];
  readonly verdicts: readonly Verdict[];
  readonly command: string;
}

export class SuiteReport {
  /** Names the files. */
  readonly name: string;
  readonly origin: RunOrigin;
  readonly sections: readonly SuiteSection[];

  private constructor(name: string, origin: RunOrigin, sections: readonly SuiteSection[]) {
    this.name = name;
    this.origin = origin;
    this.sections = sections;
  }

  /** Rows of the same scenario differ in their rival. */
  static ofRows(
    name: string,
    origin: RunOrigin,
    rows: readonly Row[],
    scenarios: readonly RowScenario[],
  ): SuiteReport {
    const names = [...new Set(rows.map(({ scenario }) => scenario))];
    const sections = names.map((each): SuiteSection => {
      const own = rows.filter(({ scenario }) => scenario === each);
      const { title, millrace, floor, command } = own[0]!;
      const rivals = own.flatMap(({ rival }) => (rival === undefined ? [] : [rival]));
      const wanted = scenarios.find((scenario) => scenario.name === each);
      const verdicts = wanted === undefined ? [] : verdictsOf(wanted, own[0]!);
      const floors = floor === undefined ? [] : [{ name: 'floor', figures: floor }];
      const takers = [{ name: 'millrace', figures: millrace }, ...floors, ...rivals];
      return { name: each, title, takers, verdicts, command };
    });
    return new SuiteReport(name, origin, sections);
  }

  /** Rows of the same line differ in their broker. */
  static ofLines(name: string, origin: RunOrigin, rows: readonly LineRow[]): SuiteReport {
    const lines = [...new Set(rows.map(({ line }) => line))];
    const sections = lines.map((line, i): SuiteSection => {
      const own = rows.filter((row) => row.line === line);
      const takers = own.map(({ broker, figures, rounds }): SuiteTaker => {
        const turn = middleTurn(rounds);
        return { name: broker, figures, ...(turn === undefined ? {} : { turn }) };
      });
      return { name: `line-${i}`, title: line, takers, verdicts: [], command: own[0]!.command };
    });
    return new SuiteReport(name, origin, sections);
  }
}

/** The middle one by its rate, of turns that were sampled. */
function middleTurn(rounds: readonly object[]): DriveResult | undefined {
  const sampled = rounds.filter((round) => 'series' in round) as DriveResult[];
  sampled.sort((one, other) => one.messagesPerSecond - other.messagesPerSecond);
  return sampled[Math.floor((sampled.length - 1) / 2)];
}

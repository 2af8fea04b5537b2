/** Runs command lines one after the other, each against all who can do the same. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figures, medianOf } from '../figures.ts';
import { distances } from '../limits/distance.ts';
import { type Limits, measureLimits } from '../limits/limits.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants.ts';
import type { LineRow } from './line-row.ts';
import type { PlannedLine } from './planned-line.ts';
import { spreadOf, takeRounds } from './rounds.ts';
import type { RunOptions } from './run-options.ts';
import { stoppedOnce } from './stopped-once.ts';
import { warmUp } from './warm-up.ts';

/** Each limit is measured for so long. */
const LIMIT_MS = 250;
/** Of a turn without a measured time. */
const UNMEASURED_SECONDS = 10;
const SPARE_ROUNDS = 1;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export interface LineReport {
  readonly limits: Limits;
  readonly rows: readonly LineRow[];
}

export interface LineRun {
  readonly lines: readonly PlannedLine[];
  readonly options: RunOptions;
  /** Of each turn. */
  readonly seconds: number;
  /** What is said on the command line besides the line. */
  readonly flags: string;
}

export async function runLines(
  run: LineRun,
  onProfiles: (folder: string) => Promise<void>,
): Promise<LineReport> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let all: Contestant[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const who of all) await who.stopAll();
    if (run.options.profile) await onProfiles(join(folder, 'profiles'));
    await rm(folder, { recursive: true, force: true });
  };
  return stoppedOnce(async () => {
    all = await contestants(run.options, folder, note);
    note('the limits of this machine: 2 s');
    const limits = await measureLimits(folder, LIMIT_MS);
    const rows: LineRow[] = [];
    for (const [i, line] of run.lines.entries()) {
      const left = run.lines.slice(i).reduce((sum, each) => sum + secondsOf(each, all, run), 0);
      const own = Math.round(secondsOf(line, all, run));
      note(`${line.text}: ${own} s, all that is left ${Math.round(left)} s`);
      rows.push(...(await runLine(line, all, run, { folder, limits })));
    }
    return { limits, rows };
  }, cleanUp);
}

function takersOf({ command }: PlannedLine, all: readonly Contestant[]): readonly Contestant[] {
  return all.filter(
    ({ name }) => name === 'millrace' || command.rivals.some((rival) => rival === name),
  );
}

function secondsOf(line: PlannedLine, all: readonly Contestant[], run: LineRun): number {
  const { seconds: around } = line.command;
  const turn =
    around === undefined ? UNMEASURED_SECONDS : around + run.options.warmupSeconds + run.seconds;
  return turn * takersOf(line, all).length * run.options.rounds;
}

async function runLine(
  line: PlannedLine,
  all: readonly Contestant[],
  run: LineRun,
  { folder, limits }: { readonly folder: string; readonly limits: Limits },
): Promise<LineRow[]> {
  const takers = takersOf(line, all);
  const { warmupSeconds, rounds, profile } = run.options;
  const profileFolder = profile ? join(folder, 'profiles') : '';
  const timing = { warmupSeconds, seconds: run.seconds, profileFolder, note };
  for (const who of takers) await warmUp(who);
  const { kept, voided, disturbed } = await takeRounds(
    takers.map(({ name }) => name),
    rounds,
    SPARE_ROUNDS,
    async (name) => {
      const who = takers.find((each) => each.name === name)!;
      const { figures, result } = await who.explaining(line.take(who, timing));
      const path = line.command.path?.(line.options);
      const further = path === undefined ? {} : distances(figures, path, limits);
      return { figures: { ...figures, ...further }, result: result ?? figures };
    },
  );
  // The next line meets a broker that has done nothing yet, and a disk without the last one's logs.
  for (const who of takers) if (who.name !== 'kafka') await who.discardShared();
  if (voided > 0) note(`${line.text}: rounds repeated, as others took the processors: ${voided}`);
  return takers.map(({ name }) => {
    const own = kept.get(name)!;
    const figures: Figures[] = own.map((round) => round.figures);
    return {
      line: line.text,
      broker: name,
      figures: medianOf(figures),
      spread: spreadOf(figures),
      isDisturbed: disturbed > 0,
      command: `npm run bench -- ${line.text}${run.flags}`,
      rounds: own.map(({ result }) => result),
    };
  });
}

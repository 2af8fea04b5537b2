/** `npm run bench -- --suite streams`: millrace/streams on a broker, in a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../comparison.ts';
import { type Figures, medianOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { helpLine } from '../harness/help-line.ts';
import { oneBroker } from '../harness/one-broker.ts';
import { spreadOf, takeRounds } from '../harness/rounds.ts';
import { SuiteReport } from '../page/suite-report.ts';
import { keepSuite } from '../page/write-suite.ts';
import { figuresLine, rowLines } from '../report.ts';
import { runOrigin } from '../run-origin.ts';
import { type ApplicationCommand, OWN_COMMAND, rivalCommand } from './application-programs.ts';
import { readStreamsOptions, STREAMS_USAGE, type StreamsSuiteOptions } from './streams-options.ts';
import { isComparable, STREAMS_SCENARIOS, type StreamsScenario } from './streams-scenarios.ts';
import { type FilledInput, fillTopics, streamsTurn } from './streams-turn.ts';

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runStreamsSuite(args: readonly string[]): Promise<void> {
  const options = readStreamsOptions(args);
  if (options === undefined) {
    const list = STREAMS_SCENARIOS.map(({ name, title }) => helpLine(name, title, 33));
    process.stdout.write(`${STREAMS_USAGE}\n\n${list.join('\n')}\n`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let who: Contestant | undefined;
  try {
    const commands = new Map<string, ApplicationCommand>([['millrace', OWN_COMMAND]]);
    const { against } = options;
    if (against !== undefined) commands.set(against, await rivalCommand(against, folder));
    who = await oneBroker(options.broker, folder, note);
    note('filling the input');
    const filled = await who.explaining(fillTopics(await who.shared(), options));
    const rows: Row[] = [];
    for (const scenario of options.scenarios) {
      const row = await runScenario(scenario, who, filled, options, folder, commands);
      if (!options.json) process.stdout.write(rowLines(scenario, row));
      rows.push(row);
    }
    if (options.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    const origin = runOrigin(['npm run bench --', ...args].join(' '), [options.broker]);
    await keepSuite(SuiteReport.ofRows('streams', origin, rows, STREAMS_SCENARIOS));
  } finally {
    await who?.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Another library that does not run ends no suite. It has no figures then. */
async function orSkipped(turn: Promise<Figures>): Promise<Figures> {
  try {
    return await turn;
  } catch (thrown) {
    note(`skipped: ${(thrown as Error).message}`);
    return {};
  }
}

async function runScenario(
  scenario: StreamsScenario,
  who: Contestant,
  filled: FilledInput,
  options: StreamsSuiteOptions,
  folder: string,
  commands: ReadonlyMap<string, ApplicationCommand>,
): Promise<Row> {
  const broker = await who.shared();
  const { against: rivalName } = options;
  const isCompared = rivalName !== undefined && isComparable(scenario, rivalName);
  const names = isCompared ? ['millrace', rivalName] : ['millrace'];
  const { kept } = await takeRounds(names, options.rounds, 0, async (name, round) => {
    const command = commands.get(name)!;
    const turn = streamsTurn(scenario, broker, filled, options, folder, command);
    const figures = await (name === 'millrace' ? who.explaining(turn) : orSkipped(turn));
    note(`${scenario.name} ${name} ${round + 1}: ${figuresLine(figures)}`);
    return { figures, result: figures };
  });
  const rounds = kept.get('millrace')!.map(({ figures }) => figures);
  const theirs = (isCompared ? kept.get(rivalName)! : []).map(({ figures }) => figures);
  const ran = theirs.filter((figures) => Object.keys(figures).length > 0);
  const rival =
    isCompared && ran.length > 0 ? { name: rivalName, figures: medianOf(ran) } : undefined;
  const against = isCompared ? ` --against ${rivalName}` : '';
  const { seconds, warmupSeconds } = options;
  const times = `--seconds ${seconds} --warmup ${warmupSeconds} --rounds ${options.rounds}`;
  const which = `--suite streams --broker ${options.broker} --only ${scenario.name}${against}`;
  return {
    scenario: scenario.name,
    title: scenario.title,
    millrace: medianOf(rounds),
    spread: spreadOf(rounds),
    ...(rival === undefined ? {} : { rival }),
    command: `npm run bench -- ${which} ${times}`,
  };
}

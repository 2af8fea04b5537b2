/**
 * How long a group of one waits on a fresh broker, from the making of its client to its first
 * record: other people's clients, a new broker for each of their joins, one client with each group
 * protocol that it knows. Where the time went is printed, request by request.
 */
import type { BenchOptions } from '../bench-options.ts';
import { startEmbedded } from '../brokers/embedded.ts';
import type { Figures } from '../figures.ts';
import { type ClientCommand, franzGo, kafkaJs, runClient } from '../harness/client-programs.ts';
import type { Contestant } from '../harness/contestant.ts';
import type { Scenario } from '../scenario.ts';

const JOINS = 9;
/** Their brokers take seconds to start. */
const JOINS_OF_RIVALS = 2;

interface JoinResult {
  readonly firstRecordMs: number;
  readonly steps: readonly { name: string; sentMs: number; tookMs: number }[];
}

interface Joiner {
  readonly figure: string;
  readonly command: ClientCommand;
  readonly args: readonly string[];
}

export async function joinTurn(
  _scenario: Scenario,
  who: Contestant,
  _options: BenchOptions,
): Promise<Figures> {
  const go = await franzGo();
  const joiners: readonly Joiner[] = [
    { figure: 'franzGoJoinMs', command: go, args: ['join'] },
    { figure: 'franzGoConsumerJoinMs', command: go, args: ['join', '--protocol', 'consumer'] },
    { figure: 'kafkaJsJoinMs', command: await kafkaJs(), args: [] },
  ];
  const figures: Record<string, number> = {};
  for (const joiner of joiners) {
    const results: JoinResult[] = [];
    const count = who.name === 'millrace' ? JOINS : JOINS_OF_RIVALS;
    for (let i = 0; i < count; i++) results.push(await freshJoin(joiner, who));
    results.sort((one, other) => one.firstRecordMs - other.firstRecordMs);
    const median = results[Math.floor((count - 1) / 2)]!;
    figures[joiner.figure] = median.firstRecordMs;
    const all = results.map(({ firstRecordMs }) => firstRecordMs.toFixed(0)).join(' ');
    process.stderr.write(`${who.name} ${joiner.figure} ${all}:\n${stepLines(median)}`);
  }
  return figures;
}

async function freshJoin(joiner: Joiner, who: Contestant): Promise<JoinResult> {
  const folder = who.freshFolder();
  const broker = await (who.name === 'millrace' ? startEmbedded(folder) : who.start(folder));
  try {
    const where = ['--bootstrap', broker.address, '--topic', 'fresh', '--group', 'bench-join'];
    return await runClient<JoinResult>(joiner.command, [...joiner.args, ...where]);
  } finally {
    await broker.stop();
    await who.discard(folder);
  }
}

function stepLines({ firstRecordMs, steps }: JoinResult): string {
  const lines = steps.map(({ name, sentMs, tookMs }) => {
    return `  ${name.padEnd(26)}sent at ${sentMs.toFixed(1)}, took ${tookMs.toFixed(1)} ms\n`;
  });
  const answered = steps.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const told = `${firstRecordMs.toFixed(1)} ms, ${answered.toFixed(1)} of them for answers`;
  return `${lines.join('')}  first record at ${told}\n`;
}

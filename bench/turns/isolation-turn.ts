/** The same log of transactions is read twice in turn: plainly, and only what was committed. */
import type { BenchOptions } from '../bench-options.ts';
import { type Figures, figuresOf, medianOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import type { Scenario } from '../scenario.ts';

/** A slow spell of the machine outlasts one run, so both kinds of reading meet it. */
const PAIRS = 3;

export async function isolationTurn(
  scenario: Scenario,
  who: Contestant,
  { warmupSeconds, seconds }: BenchOptions,
): Promise<Figures> {
  const broker = await who.shared();
  const read = async (...flags: string[]): Promise<Figures> =>
    figuresOf(await runLoadProcess(broker, [...scenario.args, ...flags], warmupSeconds, seconds));
  const plain: Figures[] = [];
  const committed: Figures[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    plain.push(await read());
    committed.push(await read('--read-committed'));
  }
  const figures = medianOf(committed);
  const { brokerCpuPerGb, mbPerSecond } = medianOf(plain);
  return {
    ...figures,
    uncommittedCpuPerGb: brokerCpuPerGb!,
    cpuRatio: figures.brokerCpuPerGb! / brokerCpuPerGb!,
    rateRatio: figures.mbPerSecond! / mbPerSecond!,
  };
}

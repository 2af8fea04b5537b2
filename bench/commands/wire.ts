/** The load generator of bench/load, whose requests are encoded before; its options are its own. */

import { figuresOf } from '../figures.ts';
import type { TakeTurn } from '../harness/command.ts';
import type { Contestant } from '../harness/contestant.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import { readOptions } from '../load/options.ts';

/** Reads the options only to refuse bad ones before anything is started. */
export function wireTurn(args: readonly string[]): TakeTurn {
  readOptions(args);
  return async (who: Contestant, { warmupSeconds, seconds }) => {
    const broker = await who.shared();
    return { figures: figuresOf(await runLoadProcess(broker, args, warmupSeconds, seconds)) };
  };
}

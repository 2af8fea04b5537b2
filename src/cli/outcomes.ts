import { reasonOf } from '../base/errors.ts';
import { KafkaError } from '../client/errors/kafka-error.ts';
import type { CommandArguments } from './command-arguments.ts';
import { remark, wantsJson, write, writeJson } from './output.ts';
import { EXIT_FAILED } from './usage-error.ts';

/** No answer came. */
const LOST: readonly string[] = ['NETWORK_EXCEPTION', 'BROKER_NOT_AVAILABLE'];

interface Outcome {
  readonly name: string;
  readonly done: string | null;
  readonly error: string | null;
}

/** The broker answered and refused. */
export function isRefusal(thrown: unknown): thrown is KafkaError {
  return thrown instanceof KafkaError && thrown.errorCode > 0 && !LOST.includes(thrown.code);
}

/**
 * Does something to each name and reports on each; one that fails does not keep the others from
 * being done. A lost connection ends it all.
 */
export async function reportEach(
  given: CommandArguments,
  names: readonly string[],
  act: (name: string) => Promise<string>,
): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const name of names) {
    try {
      outcomes.push({ name, done: await act(name), error: null });
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      outcomes.push({ name, done: null, error: reasonOf(thrown) });
    }
  }
  if (wantsJson(given)) await writeJson(outcomes);
  for (const { name, done, error } of outcomes) {
    if (error !== null) remark(`millrace: ${error}`);
    else if (!wantsJson(given)) await write(`${done} ${name}\n`);
  }
  return outcomes.some(({ error }) => error !== null) ? EXIT_FAILED : 0;
}

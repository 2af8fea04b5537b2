import type { CommandArguments } from './command-arguments.ts';
import { UsageError } from './usage-error.ts';

/** The values of an option, separated by commas or repeated, as `known` spells them. */
export function choicesOf(
  given: CommandArguments,
  option: string,
  known: readonly string[],
): string[] {
  const texts = given.texts(option).flatMap((text) => text.split(','));
  return texts.map((text) => {
    const found = known.find((name) => name.toLowerCase() === text.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`--${option} ${text}: expected one of ${known.join(', ')}`);
  });
}

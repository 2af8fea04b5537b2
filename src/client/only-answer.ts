import { MillraceError } from '../base/errors.ts';

/** The answer to a question about one thing; a broker that leaves it out breaks the protocol. */
export function onlyAnswer<T>(answers: readonly T[], subject: string): T {
  const [answer] = answers;
  if (answer !== undefined) return answer;
  throw new MillraceError('MILLRACE_PROTOCOL', `the broker did not answer about ${subject}`);
}

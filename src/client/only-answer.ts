import { MillraceError } from '../base/errors.ts';

/** The answer to a request about one thing. A broker that leaves it out breaks the protocol. */
export function onlyAnswer<T>(answers: readonly T[], subject: string): T {
  const [answer] = answers;
  if (answer !== undefined) return answer;
  throw new MillraceError('MILLRACE_PROTOCOL', `the broker did not answer about ${subject}`);
}

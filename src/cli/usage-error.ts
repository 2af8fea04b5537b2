import { isKafkaError } from '../client/errors/kafka-error.ts';

/** The command line itself is wrong: one line, and exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** What a client says of its options, as an error of the command line that gave them. */
export function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (isKafkaError(thrown, 'BAD_ARGUMENT')) throw new UsageError((thrown as Error).message);
    throw thrown;
  }
}

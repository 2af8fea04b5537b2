/** The command line itself is wrong: one line, and exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

import { MillraceError } from '../base/errors.ts';

/** Whether malformed or not, it opens to more than the caller has room for. */
export class OutgrownError extends MillraceError {
  constructor(message: string, cause: unknown) {
    super('MILLRACE_CORRUPT', message, cause);
  }
}

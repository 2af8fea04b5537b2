import { MillraceError } from '../base/errors.ts';
import { errorMessage } from '../base/kafka-error-texts.ts';
import { ERROR, errorName } from '../base/kafka-errors.ts';

/** A broker answered with an error: Kafka's number and name of it beside the text. */
export class ResponseError extends MillraceError {
  readonly errorCode: number;
  readonly errorName: string;

  constructor(errorCode: number, text: string | null, subject: string) {
    const said = text === null || text === '' ? errorMessage(errorCode) : text;
    super('MILLRACE_REQUEST_FAILED', `${subject}: ${said} (${errorName(errorCode)})`);
    this.errorCode = errorCode;
    this.errorName = errorName(errorCode);
  }
}

/** Throws where a broker's answer about `subject` is an error. */
export function refuseError(errorCode: number, text: string | null, subject: string): void {
  if (errorCode !== ERROR.NONE) throw new ResponseError(errorCode, text, subject);
}

export function isResponseError(thrown: unknown, ...codes: readonly number[]): boolean {
  return thrown instanceof ResponseError && codes.includes(thrown.errorCode);
}

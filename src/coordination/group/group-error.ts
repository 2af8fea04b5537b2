/** A refusal on the wire: an error code of Kafka's table and the text that goes with it. */
export class GroupError extends Error {
  readonly errorCode: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.name = 'GroupError';
    this.errorCode = errorCode;
  }
}

/** The wire code of what was thrown; anything that is not a refusal is a fault and goes on. */
export function errorCodeOf(thrown: unknown): number {
  if (thrown instanceof GroupError) return thrown.errorCode;
  throw thrown;
}

/** Where in the topology something went wrong. */
export interface FailurePlace {
  readonly task?: string;
  readonly node?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
}

/** What ends a task: an error that no handler took, with the place where it came up. */
export class StreamsError extends Error {
  /** The same for all of them. */
  override readonly name = 'StreamsError';
  /** Where it came up. */
  readonly place: FailurePlace;

  constructor(message: string, place: FailurePlace = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.place = place;
  }
}

/**
 * Runs work whose result nobody waits for. `onFailure` writes the log line and sets the state that
 * says so. The promise that it returns never rejects, so it may be kept in a field and chained on.
 *
 * A promise without a rejection handler ends the whole process, and an embedded broker takes its
 * host with it. So every promise that is not awaited or returned goes through here; a test reads
 * the types of src/ and finds those that do not.
 */
export function inBackground(
  work: Promise<unknown>,
  onFailure: (thrown: unknown) => void,
): Promise<void> {
  return work.then(ignoreResult, onFailure);
}

function ignoreResult(): void {}

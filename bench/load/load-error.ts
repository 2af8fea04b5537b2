/** Anything that makes the figures of a run worthless: it ends the run. */
export class LoadError extends Error {}

export function checkError(error: number, what: string): void {
  if (error !== 0) throw new LoadError(`${what}: the broker answered error code ${error}`);
}

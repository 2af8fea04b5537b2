/** Makes a coder of its source. `cannot-compile` is for browsers. */
export const compileSource: ((source: string, runtime: object) => unknown) | null = (
  source,
  runtime,
) => new Function('R', source)(runtime);

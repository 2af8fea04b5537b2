/** A scenario beyond the table: command lines that differ in what it is about. */
export interface LineScenario {
  readonly name: string;
  readonly title: string;
  /** Each is what stands behind `npm run bench -- `. */
  readonly lines: readonly string[];
  /** Of a line, unless the command line says more; for what needs longer. */
  readonly seconds?: number;
}

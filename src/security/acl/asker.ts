/** Operations and types of resources have numbers below these. */
const OPERATIONS = 16;
const TYPES = 8;

/**
 * Who asks: the principal as rules name it, and the address that it asks from. It keeps the answers
 * that the authorizer gave it, until the authorizer says that they hold no longer.
 */
export class Asker {
  readonly principal: string;
  readonly host: string;
  /** It may do everything. */
  isSuper = false;
  /** When the answers were given: see `Authorizer`. */
  era: object | null = null;
  /** By operation and type; then by the name of the resource. */
  readonly #answers: (Map<string, boolean> | undefined)[] = new Array(OPERATIONS * TYPES);

  constructor(principal: string, host: string) {
    this.principal = principal;
    this.host = host;
  }

  /** Undefined where it has not asked that in this era. */
  answerTo(operation: number, type: number, name: string): boolean | undefined {
    return this.#answers[operation * TYPES + type]?.get(name);
  }

  keep(operation: number, type: number, name: string, answer: boolean): void {
    const at = operation * TYPES + type;
    const answers = this.#answers[at];
    if (answers === undefined) this.#answers[at] = new Map([[name, answer]]);
    else answers.set(name, answer);
  }

  beginEra(era: object, isSuper: boolean): void {
    this.#answers.fill(undefined);
    this.era = era;
    this.isSuper = isSuper;
  }
}

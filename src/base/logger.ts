/** One line an event on standard error: what happened, where, and what follows. */
export interface Logger {
  /** Something that an operator may want to know later. */
  info(message: string): void;
  /** Something went wrong and the broker goes on. */
  warn(message: string): void;
  /** Something is lost or has stopped until somebody acts. */
  error(message: string): void;
}

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

export function stderrLogger(prefix: string): Logger {
  const write = (level: string, message: string) =>
    process.stderr.write(`${new Date().toISOString()} ${level} ${prefix}${message}\n`);
  return {
    info: (message) => write('INFO', message),
    warn: (message) => write('WARN', message),
    error: (message) => write('ERROR', message),
  };
}

/**
 * Lets a kind of line through once an interval and counts what it held back, so that a hostile
 * peer cannot fill the disk with log lines.
 */
export class RateLimitedLog {
  readonly #logger: Logger;
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, { nextMs: number; held: number }>();

  constructor(logger: Logger, intervalMs: number) {
    this.#logger = logger;
    this.#intervalMs = intervalMs;
  }

  warn(kind: string, message: string, nowMs: number): void {
    const entry = this.#kinds.get(kind);
    if (entry !== undefined && nowMs < entry.nextMs) {
      entry.held++;
      return;
    }
    const suffix = entry !== undefined && entry.held > 0 ? ` (and ${entry.held} more like it)` : '';
    this.#kinds.set(kind, { nextMs: nowMs + this.#intervalMs, held: 0 });
    this.#logger.warn(message + suffix);
  }
}

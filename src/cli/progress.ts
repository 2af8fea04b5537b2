import { every } from '../base/every.ts';

const INTERVAL_MS = 500;
const KILOBYTE = 1024;
const CLEAR_LINE = '\r\u001b[K';

/** One line on a terminal's standard error that says how far it is; nothing anywhere else. */
export class Progress implements Disposable {
  records = 0;
  bytes = 0;
  readonly #verb: string;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout | null;

  constructor(verb: string, isWanted: boolean) {
    this.#verb = verb;
    const isShown = isWanted && process.stderr.isTTY;
    this.#timer = isShown ? every(INTERVAL_MS, () => this.#show(), ignore) : null;
    this.#timer?.unref();
  }

  [Symbol.dispose](): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    process.stderr.write(CLEAR_LINE);
  }

  #show(): void {
    const seconds = (performance.now() - this.#startMs) / 1000;
    const rate = Math.round(this.records / seconds);
    const amount = `${this.records} records, ${size(this.bytes)}`;
    process.stderr.write(`${CLEAR_LINE}${this.#verb} ${amount}, ${rate}/s`);
  }
}

function size(bytes: number): string {
  if (bytes < KILOBYTE) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let amount = bytes / KILOBYTE;
  while (amount >= KILOBYTE && units.length > 1) {
    amount /= KILOBYTE;
    units.shift();
  }
  return `${amount.toFixed(1)} ${units[0]}`;
}

/** A line that could not be shown is followed by the next. */
function ignore(): void {}

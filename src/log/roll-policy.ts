import type { LogSettings } from '../base/log-settings.ts';
import type { Segment } from './segment.ts';

/** When the active segment of a log gives way to a new one. */
export class RollPolicy {
  #settings: LogSettings;
  #jitterMs = 0;

  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.drawJitter();
  }

  configure(settings: LogSettings): void {
    this.#settings = settings;
    this.drawJitter();
  }

  /** Drawn for each segment, so that logs that were made together do not roll together. */
  drawJitter(): void {
    const limit = Math.min(this.#settings.segmentJitterMs, this.#settings.segmentMs);
    this.#jitterMs = limit > 0 ? Math.floor(Math.random() * limit) : 0;
  }

  /** Before a batch is appended to `active`. */
  mustRoll(
    active: Segment,
    length: number,
    lastOffset: number,
    maxTimestamp: number,
    wallMs: number,
  ): boolean {
    if (active.sizeBytes === 0) return active.cannotHold(length, lastOffset);
    const settings = this.#settings;
    return (
      active.sizeBytes + length > settings.segmentBytes ||
      active.indexesFull ||
      active.cannotHold(length, lastOffset) ||
      ageMs(active, maxTimestamp, wallMs) > settings.segmentMs - this.#jitterMs
    );
  }
}

/** By the records' own time where they have one, so that a replayed topic rolls as it did. */
function ageMs(active: Segment, maxTimestamp: number, wallMs: number): number {
  if (active.firstTimestamp >= 0 && maxTimestamp >= 0) {
    return maxTimestamp - active.firstTimestamp;
  }
  return wallMs - active.modifiedMs;
}

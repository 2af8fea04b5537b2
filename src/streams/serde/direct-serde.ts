import type { Serde } from '../../client/serde/serde.ts';

/**
 * A serde that also writes to and reads from a place in larger memory, so that stores and
 * changelogs need no buffer for each value.
 */
export interface DirectSerde<T> extends Serde<T> {
  /** The most bytes that `write` takes. */
  readonly directBytes: number;
  /** Returns how many bytes it has written. */
  write(value: T, target: Buffer, at: number): number;
  read(bytes: Buffer, start: number, end: number): T;
}

/** Whether a serde is direct. */
export function isDirect<T>(serde: Serde<never, T>): serde is DirectSerde<T> & Serde<never, T> {
  return 'directBytes' in serde && typeof serde.directBytes === 'number';
}

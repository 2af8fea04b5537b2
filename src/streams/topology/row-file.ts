/** Changes that go into a file of rows together or not at all. A null value removes the row. */
export interface RowChanges {
  readonly count: number;
  /** Of a change by its number. */
  key(change: number): Uint8Array;
  /** What the row becomes. */
  value(change: number): Uint8Array | null;
}

/** Gives rows one after the other, as they were when it was made. It must be closed. */
export interface RowCursor {
  /** False behind the last row; the cursor is closed then. */
  next(): boolean;
  /** Of the row in hand; a copy. */
  readonly key: Buffer;
  /** Of the row in hand; a copy. */
  readonly value: Buffer;
  /** The value of any key as it was when the cursor was made. */
  get(key: Uint8Array): Buffer | undefined;
  /** It holds nothing any more. */
  close(): void;
}

/**
 * Rows of one store that are kept outside of memory, in the order of their keys' bytes. It knows
 * nothing of what they mean. All calls but the opening are synchronous.
 */
export interface RowFile {
  /** The longest key that it takes. */
  readonly keyBytesMax: number;
  /**
   * Opens the file in the directory of a task, or makes it. Without a directory it is a temporary
   * one. A promise where what is there must be looked at first: nothing is asked before its end.
   */
  open(directory: string | undefined, store: string): Promise<void> | undefined;
  /** Valid until the next call; undefined without the row. */
  get(key: Uint8Array): Buffer | undefined;
  /** Rows from a key on and before another one. */
  cursor(from: Uint8Array, to: Uint8Array, reverse: boolean): RowCursor;
  /** Where the disk refuses, it throws and nothing of it is there. */
  write(changes: RowChanges): void;
  readonly rowCount: number;
  /** Removes all rows. */
  erase(): void;
  /** A file that is damaged is removed. */
  close(isDamaged: boolean): void;
}

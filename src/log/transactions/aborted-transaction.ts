/** A transaction that was aborted: what readers of committed records must leave out. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** The offset of the marker. */
  readonly lastOffset: number;
  /** What the last stable offset was once the marker was readable. */
  readonly lastStableOffset: number;
}

/** Where the answer of a parked request goes. A dropped one keeps its object but has ticket -1. */
export interface Parked {
  ticket: number;
  readonly version: number;
}

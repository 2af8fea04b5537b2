/** How many partitions a client may still make and remove. */
export interface MutationBudget {
  /** False where nothing is left; then the change is refused. */
  take(partitions: number): boolean;
}

export const UNBOUNDED: MutationBudget = { take: () => true };

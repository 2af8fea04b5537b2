/** A token that stands for its owner, for clients that are not to have its password. */
export interface DelegationToken {
  readonly id: string;
  /** `User:alice`, like all principals here. */
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  readonly issuedMs: number;
  readonly expiryMs: number;
  /** No renewal goes beyond it. */
  readonly maxMs: number;
}

export function isExpired({ expiryMs, maxMs }: DelegationToken, nowMs: number): boolean {
  return expiryMs < nowMs || maxMs < nowMs;
}

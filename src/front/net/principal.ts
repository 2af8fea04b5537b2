/** Who a connection speaks for. Rights and quotas are given to principals. */
export interface Principal {
  /** 'User' for all that Kafka's own authenticators make. */
  readonly type: string;
  readonly name: string;
}

/** A client that has not said who it is: the only principal where nobody authenticates. */
export const ANONYMOUS: Principal = { type: 'User', name: 'ANONYMOUS' };

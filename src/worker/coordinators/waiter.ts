/** Takes the answer to one request of a coordinator. Exactly one of the two is called, once. */
export interface Waiter {
  answer(body: object): void;
  /** No shard took the request, or its records could not be written. */
  refuse(errorCode: number): void;
}

import { TopologyError } from './topology-error.ts';

/** Throws where a synchronous callback gave a promise: nobody would wait for it. */
export function refusePromise(result: unknown, node: string): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return;
  if (typeof result.then !== 'function') return;
  throw new TopologyError(
    `A callback of ${node} returned a promise; use the operator's form that ends in Async.`,
  );
}

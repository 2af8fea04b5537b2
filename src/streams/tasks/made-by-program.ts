import type { StateStore } from '../topology/state-store.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import { TopologyError } from '../topology/topology-error.ts';

/** The stores that the program brings. */
export function madeByProgram(spec: StoreSpec): StateStore {
  if (spec.kind === 'custom') return spec.build();
  throw new TopologyError(`store ${spec.name} is of a kind that nothing here makes: ${spec.kind}`);
}

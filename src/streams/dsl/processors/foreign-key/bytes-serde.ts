import type { AnySerde } from '../../../topology/store-spec.ts';

/** Keys that are bytes already. */
export const bytesSerde: AnySerde<Uint8Array> = {
  isIdentity: true,
  serialize: (value: Uint8Array) => value,
  deserialize: (value) => value,
};

import type { Serde } from './serde.ts';
import { bytes } from './serdes.ts';

/** A topic with the types of its keys and values, for producers and consumers alike. */
export interface Topic<KeyIn, ValueIn, KeyOut = KeyIn, ValueOut = ValueIn> {
  readonly name: string;
  readonly key: Serde<KeyIn, KeyOut>;
  readonly value: Serde<ValueIn, ValueOut>;
}

type Bytes = Uint8Array | null;

interface TopicTypes<KeyIn, ValueIn, KeyOut, ValueOut> {
  readonly key?: Serde<KeyIn, KeyOut>;
  readonly value?: Serde<ValueIn, ValueOut>;
}

/** `topic('orders', { key: text, value: json(Order) })`; what is left out is bytes. */
export function topic<KeyIn = Bytes, ValueIn = Bytes, KeyOut = Uint8Array, ValueOut = Uint8Array>(
  name: string,
  types: TopicTypes<KeyIn, ValueIn, KeyOut, ValueOut> = {},
): Topic<KeyIn, ValueIn, KeyOut, ValueOut> {
  return {
    name,
    key: types.key ?? (bytes as unknown as Serde<KeyIn, KeyOut>),
    value: types.value ?? (bytes as unknown as Serde<ValueIn, ValueOut>),
  };
}

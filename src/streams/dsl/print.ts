import type { Callback } from './callbacks.ts';

/** Of `print`. */
export interface PrintOptions<K, V> {
  /** Of the node, in place of a generated name. */
  readonly name?: string | undefined;
  /** In front of each line; by default the name of the node above. */
  readonly label?: string | undefined;
  /** The text of a record; by default key and value. */
  readonly format?: ((value: V, key: K) => string) | undefined;
  /** Takes the lines; by default the console. */
  readonly to?: ((line: string) => void) | undefined;
}

/** Prints each record as Kafka does: `[label]: key, value`. */
export function printer<K, V>(
  node: string,
  { label = node, format = (value, key) => `${key}, ${value}`, to = toConsole }: PrintOptions<K, V>,
): Callback<K, V, undefined> {
  return (value, key) => {
    to(`[${label}]: ${format(value, key)}`);
    return undefined;
  };
}

function toConsole(line: string): void {
  console.log(line);
}

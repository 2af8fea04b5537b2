/** Keys and values as they are written: text goes out as UTF-8. */
export type Encoded = string | Uint8Array | null;

/**
 * How one type of keys or values becomes bytes and comes back. `Input` is what the producer takes,
 * `Output` what the consumer gets.
 */
export interface Serde<Input, Output = Input> {
  /** What is sent is what was given: the call is left out. */
  readonly isIdentity?: boolean;
  /** The bytes or text of a value. It may throw, and the record is not sent then. */
  serialize(value: Input, topic: string): Encoded;
  /** `bytes` are a view into the batch. What is kept must be copied. */
  deserialize(bytes: Uint8Array, topic: string): Output;
  /** Where a check must be waited for: `send` calls it before `serialize`, and `enqueue` cannot. */
  readonly validate?: ((value: Input) => Promise<void> | undefined) | undefined;
}

/** What a serde takes to write. */
export type SerdeInput<S> = S extends Serde<infer Input, infer _Output> ? Input : never;
/** What a serde gives when it reads. */
export type SerdeOutput<S> = S extends Serde<infer _Input, infer Output> ? Output : never;

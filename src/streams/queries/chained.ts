/** What stores give, one after the other. Each is read as it is at the call. */
export function chained<Store, Entry>(
  stores: readonly Store[],
  read: (store: Store) => Iterable<Entry>,
): Iterable<Entry> {
  return joined(stores.map(read));
}

function* joined<Entry>(parts: readonly Iterable<Entry>[]): Generator<Entry> {
  for (const part of parts) yield* part;
}

/** How the bytes of a topic's records become keys and values. */
export interface RecordReaders<K, V> {
  key(bytes: Uint8Array | null): K;
  value(bytes: Uint8Array | null): V;
}

export type NullableBytes = Uint8Array | null;

function same(bytes: NullableBytes): NullableBytes {
  return bytes;
}

/** Keys and values as they are. */
export const RAW_READERS: RecordReaders<NullableBytes, NullableBytes> = { key: same, value: same };

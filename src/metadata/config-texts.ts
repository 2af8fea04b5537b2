import type { ConfigTexts } from './config/broker-config.ts';
import { NO_CONFIGS } from './image.ts';
import type { TextChange } from './records.ts';
import type { ShardedMap } from './sharded-map.ts';

/** Texts as they are after the changes. Those before stay as they are. */
export function changedTexts(before: ConfigTexts, changes: readonly TextChange[]): ConfigTexts {
  const after = new Map(before);
  for (const [name, value] of changes) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return after.size === 0 ? NO_CONFIGS : after;
}

/** Changes the texts of one resource. One that is left without any is left out. */
export function applyTexts(
  all: ShardedMap<ConfigTexts>,
  key: string,
  changes: readonly TextChange[],
): void {
  const after = changedTexts(all.get(key) ?? NO_CONFIGS, changes);
  if (after.size === 0) all.delete(key);
  else all.set(key, after);
}

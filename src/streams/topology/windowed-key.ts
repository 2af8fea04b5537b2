/** From `start` to `end` in milliseconds. Whether `end` is part of it depends on the kind. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** A key in one window: time windows end before `end`, session windows at it. */
export interface WindowedKey<K> {
  readonly key: K;
  readonly window: Window;
}

/** As Java prints it: `[key@start/end]`. */
export function windowedKeyText({ key, window }: WindowedKey<unknown>): string {
  return `[${String(key)}@${window.start}/${window.end}]`;
}

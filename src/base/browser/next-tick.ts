/** In the place of `process.nextTick` in browsers. */
export function nextTick<Given extends unknown[]>(
  work: (...given: Given) => void,
  ...given: Given
): void {
  queueMicrotask(() => work(...given));
}

/**
 * Copying between a Buffer and shared memory. V8's own copy takes a slow word-by-word path when one
 * side is shared; the native addon installs a plain memcpy in its place.
 */
export type CopyBytes = (
  source: Buffer,
  sourceAt: number,
  target: Buffer,
  targetAt: number,
  length: number,
) => void;

export let copyBytes: CopyBytes = (source, sourceAt, target, targetAt, length) => {
  source.copy(target, targetAt, sourceAt, sourceAt + length);
};

export function installCopyBytes(copy: CopyBytes): void {
  copyBytes = copy;
}

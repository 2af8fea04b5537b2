/** Replaces a method; the function that is returned puts it back. */
export function replaceMethod(Kind, name, make) {
  const sound = Object.getOwnPropertyDescriptor(Kind.prototype, name);
  Object.defineProperty(Kind.prototype, name, { ...sound, value: make(sound.value) });
  return () => Object.defineProperty(Kind.prototype, name, sound);
}

/** The number that an option has; one that is not above 0 is refused with the option's name. */
export function positiveNumber(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${option} takes a number above 0, not "${text}"`);
  return value;
}

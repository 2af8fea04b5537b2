/** A name and what it is, in two columns; a name that is too long for its column has a line to itself. */

const COLUMN = 20;

export function helpLine(name: string, text: string): string {
  const told = name.length < COLUMN ? name.padEnd(COLUMN) : `${name}\n${' '.repeat(COLUMN + 2)}`;
  return `  ${told}${text}`;
}

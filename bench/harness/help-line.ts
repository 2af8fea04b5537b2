/** A name and what it is, in two columns; a name that is too long for its column has a line to itself. */

export function helpLine(name: string, text: string, column = 20): string {
  const told = name.length < column ? name.padEnd(column) : `${name}\n${' '.repeat(column + 2)}`;
  return `  ${told}${text}`;
}

import type { OptionTable } from './command.ts';

/** How a command prints what it found. */
export const OUTPUT: OptionTable = {
  output: { value: 'table|json', short: 'o', help: 'how to print; table unless told otherwise' },
};

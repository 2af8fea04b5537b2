import type { OptionTable } from '../command.ts';
import { type InputSpec, PLAN_INPUTS } from './plan-inputs.ts';
import { shownQuantity } from './shown-quantity.ts';

const PLACEHOLDERS = { count: 'N', bytes: 'BYTES', milliseconds: 'TIME' } as const;

/** An option for each input of the formulas, and one for the file of measured figures. */
export const PLAN_OPTIONS: OptionTable = {
  ...Object.fromEntries(Object.entries(PLAN_INPUTS).map(optionOf)),
  figures: {
    value: 'FILE',
    help: 'a run of the benchmarks with --save; else bench/results/latest.json where it is',
  },
};

function optionOf([name, { kind, help, standard, measured }]: [string, InputSpec]) {
  const unit = kind === 'milliseconds' ? 'ms' : kind;
  const otherwise = measured === undefined ? '' : '; else as measured';
  const ending = standard === undefined ? otherwise : `; ${shownQuantity(standard, unit)}`;
  return [name, { value: PLACEHOLDERS[kind], help: `${help}${ending}` }] as const;
}

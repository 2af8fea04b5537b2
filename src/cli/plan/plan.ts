import type { CommandArguments } from '../command-arguments.ts';
import { remark, wantsJson, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { UsageError } from '../usage-error.ts';
import { FORMULAS, type Formula } from './formulas.ts';
import { MeasuredFigures } from './measured-figures.ts';
import { type InputName, PLAN_INPUTS, type PlanInputs, planInputs } from './plan-inputs.ts';
import { shownQuantity } from './shown-quantity.ts';

interface PlanLine {
  readonly formula: Formula;
  readonly value: number;
}

/** `millrace plan`: what a load takes, each figure with its formula and its inputs. */
export async function plan(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const figures = MeasuredFigures.read(given.text('figures'));
  const inputs = planInputs(given, figures);
  const lines = FORMULAS.flatMap((formula) => lineOf(formula, inputs));
  if (![...inputs.values()].some(({ from }) => from === 'given')) {
    throw new UsageError('plan: say what the load is, at least --rate; see millrace plan --help');
  }
  if (isJson) await writeJson(lines.map((line) => jsonOf(line, inputs)));
  else await writeTable(columnsFor(inputs), lines);
  sayWhatIsLeftOut(inputs);
  if ([...inputs.values()].some(({ from }) => from === 'measured')) {
    remark(`measured: ${figures.path}`);
  }
  return 0;
}

function lineOf(formula: Formula, inputs: PlanInputs): PlanLine[] {
  if (formula.needs.some((name) => !inputs.has(name))) return [];
  const values = Object.fromEntries([...inputs].map(([name, { value }]) => [name, value]));
  return [{ formula, value: formula.value(values as Record<InputName, number>) }];
}

function columnsFor(inputs: PlanInputs): readonly TableColumn<PlanLine>[] {
  return [
    { title: 'FIGURE', value: ({ formula }) => formula.title },
    { title: 'RESULT', value: ({ formula, value }) => shownQuantity(value, formula.unit) },
    { title: 'FORMULA', value: ({ formula }) => formula.text },
    { title: 'INPUTS', value: ({ formula }) => shownInputs(formula, inputs) },
  ];
}

function shownInputs(formula: Formula, inputs: PlanInputs): string {
  return formula.needs
    .map((name) => {
      const { value, from } = inputs.get(name)!;
      const { kind } = PLAN_INPUTS[name];
      const shown = shownQuantity(value, kind === 'milliseconds' ? 'ms' : kind);
      return `${name} ${shown}${from === 'given' ? '' : ` (${from})`}`;
    })
    .join(', ');
}

/** JSON knows no infinity: what never comes about is null. */
function jsonOf({ formula, value }: PlanLine, inputs: PlanInputs) {
  const { name, unit, text, needs } = formula;
  const used = Object.fromEntries(needs.map((each) => [each, inputs.get(each)!]));
  return { name, value: Number.isFinite(value) ? value : null, unit, formula: text, inputs: used };
}

function sayWhatIsLeftOut(inputs: PlanInputs): void {
  const missing = new Map<string, string[]>();
  for (const { title, needs } of FORMULAS) {
    const lacks = needs.filter((name) => !inputs.has(name));
    if (lacks.length === 0) continue;
    const options = lacks.map((name) => `--${name}`).join(' and ');
    missing.set(options, [...(missing.get(options) ?? []), title]);
  }
  for (const [options, titles] of missing) remark(`without ${options}: no ${titles.join('; no ')}`);
}

/** `npm run crash -- --rounds 200 [--seed N] [--durability group] [--groups]` */
import { parseArgs } from 'node:util';
import { CrashRun } from './crash-run.mjs';
import { GroupCrashRun } from './group-crash-run.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    durability: { type: 'string', default: 'os' },
    groups: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});

const seed = Number(values.seed);
process.stdout.write(`crash: ${values.rounds} rounds, seed ${seed}\n`);
const Run = values.groups ? GroupCrashRun : CrashRun;
const run = new Run({
  rounds: Number(values.rounds),
  seed,
  overrides: [`millrace.durability=${values.durability}`],
  report: values.quiet ? () => {} : (line) => process.stdout.write(`${line}\n`),
});
try {
  const figures = await run.run();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} catch (error) {
  process.stderr.write(`crash: seed ${seed}: ${error.stack}\n`);
  process.exitCode = 1;
}

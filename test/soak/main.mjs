/** `npm run soak -- --minutes 120 [--seed N] [--page soak.html]` */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom } from '../crash/crash-run.mjs';
import { page } from './page.mjs';
import { Soak } from './soak.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    page: { type: 'string', default: 'soak.html' },
    quiet: { type: 'boolean', default: false },
  },
});

process.stdout.write(`soak: ${values.minutes} minutes, seed ${values.seed}\n`);
const soak = new Soak({
  minutes: Number(values.minutes),
  random: seededRandom(Number(values.seed)),
  report: values.quiet ? () => {} : (line) => process.stdout.write(`${line}\n`),
});
try {
  await soak.run();
} catch (error) {
  process.stderr.write(`soak: seed ${values.seed}: ${error.stack}\n`);
  process.exitCode = 1;
}
writeFileSync(values.page, page(soak.samples, soak.events, soak.figures));
process.stdout.write(`${JSON.stringify(soak.figures)}\ncurves: ${values.page}\n`);

/** `npm run bench:micro [-- NAME ...]` */
import { cpus } from 'node:os';
import { MICRO_BENCHES } from './all.ts';
import { type MicroReport, runMicro } from './run-micro.ts';

const wanted = process.argv.slice(2);
const chosen = MICRO_BENCHES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  process.stderr.write(`micro benches: ${MICRO_BENCHES.map(({ name }) => name).join(', ')}\n`);
  process.exit(1);
}

function print(report: MicroReport): void {
  process.stdout.write(`${report.bench} (fixtures ${report.hash})\n`);
  for (const figures of report.figures) {
    const time = `${figures.nanosecondsPerOperation.toFixed(1)} ns`.padStart(14);
    const error = `±${figures.errorPercent.toFixed(1)} %`.padStart(9);
    const { mbPerSecond, bestMbPerSecond } = figures;
    const speed = (mbPerSecond === undefined ? '' : `${mbPerSecond.toFixed(0)} MB/s`).padStart(12);
    const best = bestMbPerSecond === undefined ? '' : `best ${bestMbPerSecond.toFixed(0)} MB/s`;
    const heap = `${figures.allocatedBytesPerOperation.toFixed(0)} B heap`.padStart(14);
    process.stdout.write(
      `  ${figures.task.padEnd(58)}${time}${error}${speed}${best.padStart(16)}${heap}\n`,
    );
  }
}

const [{ model } = { model: 'unknown' }] = cpus();
process.stdout.write(`Node ${process.version}, ${cpus().length} x ${model.trim()}\n`);
for (const bench of chosen) print(runMicro(bench, false));

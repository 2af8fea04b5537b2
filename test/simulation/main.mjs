/**
 * `npm run simulate -- [--seeds 1000] [--seed N] [--nodes 3] [--verbose] [--sabotage NAME]`: runs of
 * the whole broker, or of a cluster of so many, each from one seed. One that fails is told with the
 * command that repeats it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClusterWorld } from './cluster/cluster-world.mjs';
import { SingleWorld } from './single-world.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    verbose: { type: 'boolean', default: false },
    hash: { type: 'boolean', default: false },
    sabotage: { type: 'string', default: '' },
  },
});

const first = Number(values.seed);
const count = Number(values.seeds);
const nodes = Number(values.nodes);
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const directory = mkdtempSync(join(memory, 'millrace-simulation-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const totals = {};
let done = 0;
let steps = 0;
const startedMs = Date.now();
let toldMs = startedMs;

function worldOf(seed) {
  if (nodes === 1) return new SingleWorld(seed, join(directory, 'disk'), values);
  return new ClusterWorld(seed, directory, { ...values, nodes });
}

/** Each run begins outside of any promise: see EventLoop. */
function next() {
  const seed = first + done;
  const result = worldOf(seed).run();
  for (const [name, by] of Object.entries(result.counts)) totals[name] = (totals[name] ?? 0) + by;
  steps += result.steps;
  done++;
  if (values.hash) console.log(`${seed} ${result.hash}`);
  if (result.failure !== null) {
    for (const line of result.lines) console.log(line);
    console.log(`\nseed ${seed}: ${result.failure}`);
    const sabotage = values.sabotage === '' ? '' : `--sabotage ${values.sabotage} `;
    const cluster = nodes === 1 ? '' : `--nodes ${nodes} `;
    console.log(`again: npm run simulate -- ${cluster}${sabotage}--seed ${seed}`);
    process.exit(1);
  }
  const nowMs = Date.now();
  if (nowMs - toldMs > 2000) {
    toldMs = nowMs;
    process.stderr.write(
      `${done} of ${count}, ${((nowMs - startedMs) / done).toFixed(1)} ms each\n`,
    );
  }
  if (done < count) setImmediate(next);
  else console.log(JSON.stringify({ seeds: done, ms: nowMs - startedMs, steps, ...totals }));
}

setImmediate(next);

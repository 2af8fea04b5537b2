/** `npm run fuzz -- --minutes 10 [--seed N]` */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const words = ['vitest', 'run', '--config', 'test/vitest.config.ts', 'test/fuzz'];
const { status } = spawnSync('npx', words, {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    MILLRACE_FUZZ_SEED: values.seed,
    MILLRACE_FUZZ_MS: String(Number(values.minutes) * 60_000),
  },
});
process.exitCode = status ?? 1;

/** The hostile side, in a process of its own: runs the phases that its parent names. */
import { ATTACKS } from './attacks.mjs';

const [attack, port, seconds, httpPort, securedPort] = process.argv.slice(2);
const context = {
  port: Number(port),
  httpPort: Number(httpPort),
  securedPort: Number(securedPort),
  seconds: Number(seconds),
  peers: [],
};

process.on('message', async (name) => {
  const { prepare, phases } = ATTACKS[attack];
  const before = process.cpuUsage();
  const startedMs = performance.now();
  if (name === 'prepare') await prepare?.(context);
  else await phases[name](context);
  const { user, system } = process.cpuUsage(before);
  process.send({ cpuSeconds: (user + system) / 1e6, ms: performance.now() - startedMs });
});

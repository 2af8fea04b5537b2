/** One application, or what fills its input, in a process of its own: prints figures as JSON. */
import { readApplicationSetup } from './application-setup.ts';
import { fillInput, fillRows } from './fill-input.ts';
import {
  measureFlow,
  readRows,
  restoreRows,
  runUntilTold,
  runWithoutLinger,
} from './measured-application.ts';
import { probeLatency } from './probe-latency.ts';
import { timeDriver } from './time-driver.ts';

const setup = readApplicationSetup(process.argv.slice(2));
const print = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`);

switch (setup.load) {
  case 'fill':
    await fillInput(setup);
    break;
  case 'fill-rows':
    await fillRows(setup);
    break;
  case 'probe':
    print(await probeLatency(setup));
    break;
  case 'running':
    await runWithoutLinger(setup);
    break;
  case 'rows':
    await readRows(setup);
    break;
  case 'restore':
    await restoreRows(setup);
    break;
  case 'flow':
    print(await measureFlow(setup));
    break;
  case 'first':
    await runUntilTold(setup);
    break;
  case 'driver':
    print(timeDriver());
    break;
  default:
    throw new Error(`no load "${setup.load}"`);
}
process.exit(0);

/** One load by the client of millrace, in a process of its own: prints its figures as JSON. */
import { CONSUME_LOADS } from './consume-loads.ts';
import { PRODUCE_LOADS } from './produce-loads.ts';
import { readSetup } from './program-setup.ts';
import { STEADY_LOADS } from './steady-loads.ts';

const LOADS = { ...PRODUCE_LOADS, ...CONSUME_LOADS, ...STEADY_LOADS };

const setup = readSetup(process.argv.slice(2));
const load = LOADS[setup.load];
if (load === undefined) throw new Error(`no load "${setup.load}"`);
process.stdout.write(`${JSON.stringify(await load(setup))}\n`);
process.exit(0);

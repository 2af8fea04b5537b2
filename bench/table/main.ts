/** The client of one turn of the table, in a process of its own: prints its figures as JSON. */
import { setTimeout as sleep } from 'node:timers/promises';
import { receive } from './receiver.ts';
import { Sender } from './sender.ts';
import type { TableSetup } from './table-setup.ts';
import { Window } from './window.ts';

const FILL_BYTES = 150_000_000;
/** For the members of a group to find each other. */
const JOIN_MS = 1_000;

const setup = JSON.parse(process.argv[2]!) as TableSetup;

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

function receivers(window: Window, ends?: readonly number[]): void {
  for (let i = 0; i < setup.scenario.consumers; i++) receive(setup, window, ends).catch(fail);
}

async function produce(window: Window, sender: Sender): Promise<void> {
  if (setup.scenario.load === 'awaited') await sender.awaitEach();
  else await sender.enqueueUntil(() => window.isOver);
}

async function fill(sender: Sender): Promise<void> {
  const most = FILL_BYTES / setup.recordBytes;
  await sender.enqueueUntil(() => sender.held >= most);
}

async function main(): Promise<void> {
  const window = new Window(setup);
  const isFlatRead = setup.scenario.load === 'consume' && setup.rate === 0;
  if (setup.scenario.load === 'consume' && !isFlatRead) {
    receivers(window);
    await sleep(JOIN_MS);
  }
  const sender = new Sender(setup, window);
  if (isFlatRead) {
    await fill(sender);
    receivers(window, sender.ends);
    await sleep(JOIN_MS);
  }
  const measured = window.measure();
  if (!isFlatRead) await produce(window, sender);
  process.stdout.write(`${JSON.stringify({ ...(await measured), held: sender.held })}\n`);
}

main().then(() => process.exit(0), fail);

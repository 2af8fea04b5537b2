/** A table of many rows: restored from its changelog, and read again from disk after kill -9. */
import { rm } from 'node:fs/promises';
import type { Figures } from '../figures.ts';
import { createTopic, deleteTopic } from '../load/admin.ts';
import type { ControlClient } from '../load/control-client.ts';
import { ApplicationProcess } from './application-process.ts';
import type { ApplicationSetup } from './application-setup.ts';

const ROWS = 1_000_000;

export async function restoreTurn(
  given: ApplicationSetup,
  control: ControlClient,
): Promise<Figures> {
  const setup = { ...given, records: ROWS, table: `${given.application}-table` };
  await createTopic(control, { name: setup.table, partitions: 1, configs: {} });
  await new ApplicationProcess({ ...setup, load: 'fill-rows' }).ended();
  const first = new ApplicationProcess({ ...setup, load: 'rows' });
  await first.line;
  await first.kill();
  const killed = new ApplicationProcess({ ...setup, load: 'restore' });
  const { runningMs: killedStartMs, restoredRows: again } = await killed.line;
  await killed.close();
  if (again! > ROWS / 100) throw new Error(`${again} rows came from the changelog after kill -9`);
  await rm(setup.stateDir, { recursive: true, force: true });
  const bare = new ApplicationProcess({ ...setup, load: 'restore' });
  const { restoredRows, restoreMs } = await bare.line;
  await bare.close();
  if (restoredRows !== ROWS) throw new Error(`${restoredRows} rows were restored of ${ROWS}`);
  await deleteTopic(control, setup.table);
  return { restoredPerSecond: (ROWS / restoreMs!) * 1000, killedStartMs: killedStartMs! };
}

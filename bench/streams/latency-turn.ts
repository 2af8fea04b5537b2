/** From the send of a record to the receipt of what the application made of it. */
import type { Figures } from '../figures.ts';
import { createTopic, deleteTopic } from '../load/admin.ts';
import type { ControlClient } from '../load/control-client.ts';
import { ApplicationProcess } from './application-process.ts';
import type { ApplicationSetup } from './application-setup.ts';

export async function latencyTurn(
  given: ApplicationSetup,
  control: ControlClient,
): Promise<Figures> {
  const setup = { ...given, input: `${given.application}-input` };
  await createTopic(control, { name: setup.input, partitions: 1, configs: {} });
  const app = new ApplicationProcess({ ...setup, load: 'running' });
  await app.line;
  const probe = new ApplicationProcess({ ...setup, load: 'probe' });
  const figures = await probe.line;
  await probe.ended();
  await app.close();
  await deleteTopic(control, setup.input);
  return figures;
}

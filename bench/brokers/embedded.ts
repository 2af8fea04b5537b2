/** A fresh `startBroker()` in a process of its own, as a test of somebody else has it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryPath } from '../repository-path.ts';
import { BrokerProcess, freePort } from './broker-process.ts';
import { firstAcknowledged } from './first-acknowledged.ts';

export async function startEmbedded(folder: string): Promise<BrokerProcess> {
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  return BrokerProcess.start({
    name: 'millrace',
    program: process.execPath,
    args: [repositoryPath('bench/dist/brokers/embedded-main.js'), String(port)],
    host: '127.0.0.1',
    port,
    logFile: join(folder, 'millrace.log'),
    ready: firstAcknowledged,
  });
}

/** Bare uWebSockets.js as a contestant: see bare-server.ts. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadConnection } from '../load/load-connection.ts';
import { repositoryPath } from '../repository-path.ts';
import { BrokerProcess, freePort, until } from './broker-process.ts';

const START_LIMIT_MS = 10_000;
const RETRY_MS = 5;

export async function startBare(folder: string): Promise<BrokerProcess> {
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  const broker = await BrokerProcess.start({
    name: 'bare',
    program: process.execPath,
    args: [repositoryPath('bench/dist/brokers/bare-server.js'), String(port)],
    host: '127.0.0.1',
    port,
    logFile: join(folder, 'bare.log'),
    ready: async (host) => {
      const open = () => LoadConnection.open(host, port);
      (await until(START_LIMIT_MS, RETRY_MS, open)).close();
    },
  });
  broker.httpUrl = `http://127.0.0.1:${port}`;
  return broker;
}

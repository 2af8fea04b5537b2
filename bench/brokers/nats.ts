/** NATS from the Go module proxy: a rival for the WebSocket scenarios. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LoadConnection } from '../load/load-connection.ts';
import { BrokerProcess, freePort, until } from './broker-process.ts';

export const NATS_VERSION = 'v2.15.2';
const START_LIMIT_MS = 10_000;
const RETRY_MS = 5;
const execute = promisify(execFile);

/** Why there is no NATS here; undefined where there is one. */
export async function missingForNats(): Promise<string | undefined> {
  try {
    await execute('go', ['version']);
    return undefined;
  } catch {
    return 'go is not installed';
  }
}

/** Builds the server; resolves to its program. */
export async function natsProgram(folder: string): Promise<string> {
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' };
  await execute('go', ['install', `github.com/nats-io/nats-server/v2@${NATS_VERSION}`], { env });
  return join(folder, 'nats-server');
}

export async function startNats(program: string, folder: string): Promise<BrokerProcess> {
  const port = await freePort();
  const webSocketPort = await freePort();
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nats.conf');
  const webSocket = `websocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true }`;
  const jetStream = `jetstream { store_dir: "${join(folder, 'streams')}" }`;
  await writeFile(file, `listen: 127.0.0.1:${port}\n${webSocket}\n${jetStream}\n`);
  const broker = await BrokerProcess.start({
    name: 'nats',
    program,
    args: ['-c', file],
    host: '127.0.0.1',
    port,
    logFile: join(folder, 'nats.log'),
    ready: untilConnected,
  });
  broker.httpUrl = `http://127.0.0.1:${webSocketPort}`;
  return broker;
}

async function untilConnected(host: string, port: number): Promise<void> {
  const connection = await until(START_LIMIT_MS, RETRY_MS, () => LoadConnection.open(host, port));
  connection.close();
}

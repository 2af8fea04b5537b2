/** millrace as it is built in dist/, in a process of its own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryPath } from '../repository-path.ts';
import { BrokerProcess, freePort } from './broker-process.ts';
import { addUser, type BrokerSecurity } from './broker-security.ts';
import { firstAcknowledged } from './first-acknowledged.ts';

export interface MillraceNode {
  readonly folder: string;
  /** Where each thread's CPU profile goes when the broker stops; empty: no profiling. */
  readonly profileFolder: string;
  /** An earlier build, as another contestant; absent: this one. */
  readonly earlier?: string;
  /** It listens with TLS, too. */
  readonly security?: BrokerSecurity;
}

export async function startMillrace(
  node: MillraceNode,
  config: Readonly<Record<string, string>>,
): Promise<BrokerProcess> {
  const port = await freePort();
  const httpPort = await freePort();
  const secured = await node.security?.freePorts();
  const plain = `PLAINTEXT://127.0.0.1:${port}`;
  await mkdir(node.folder, { recursive: true });
  const overrides = {
    listeners: secured === undefined ? plain : `${plain},${secured.addresses}`,
    'millrace.http.listener': `127.0.0.1:${httpPort}`,
    'log.dirs': join(node.folder, 'data'),
    'group.initial.rebalance.delay.ms': '0',
    'group.streams.initial.rebalance.delay.ms': '0',
    'log.segment.delete.delay.ms': '1000',
    ...node.security?.config,
    ...config,
  };
  const profiling =
    node.profileFolder === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${node.profileFolder}`];
  const args = [
    ...profiling,
    join(node.earlier ?? repositoryPath(''), 'dist/bundle/cli/main.js'),
    'serve',
  ];
  for (const [name, value] of Object.entries(overrides))
    args.push('--override', `${name}=${value}`);
  const broker = await BrokerProcess.start({
    name: node.earlier === undefined ? 'millrace' : 'earlier',
    program: process.execPath,
    args,
    host: '127.0.0.1',
    port,
    logFile: join(node.folder, 'millrace.log'),
    ready: firstAcknowledged,
  });
  broker.clientPackage = node.earlier ?? '';
  broker.secured = secured;
  if (secured !== undefined) await addUser(broker.host, port);
  broker.httpUrl = `http://127.0.0.1:${httpPort}`;
  return broker;
}

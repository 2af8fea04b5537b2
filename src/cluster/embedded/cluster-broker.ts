import { join } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import { NodeProcess } from './node-process.ts';

const CLIENTS = 'PLAINTEXT';
const PEERS = 'PEERS';

interface BrokerPlan {
  readonly id: number;
  readonly folder: string;
  readonly logDirs: number;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Where other brokers reach it: something stands between. */
  readonly gatePort: number;
  /** The command line of millrace. */
  readonly program: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly controllers: string;
  readonly logger: Logger;
}

/** One broker of an embedded cluster. It keeps its address and its data over restarts. */
export class ClusterBroker {
  /** `node.id`. */
  readonly id: number;
  /** Where clients reach it: `127.0.0.1:52314`. */
  readonly address: string;
  /** The folder of its logs; the first one where it has several. */
  readonly dataDir: string;
  /** Its log directories. */
  readonly dataDirs: readonly string[];
  readonly #node: NodeProcess;

  /** @internal */
  constructor(plan: BrokerPlan) {
    this.id = plan.id;
    this.address = `127.0.0.1:${plan.clientPort}`;
    this.dataDirs = Array.from({ length: plan.logDirs }, (_, i) => {
      return join(plan.folder, `broker-${plan.id}${i === 0 ? '' : `-disk-${i + 1}`}`);
    });
    this.dataDir = this.dataDirs[0]!;
    const atClients = `${CLIENTS}://${this.address}`;
    const settings = Object.entries({
      'millrace.http.listener': 'none',
      ...plan.config,
      'process.roles': 'broker',
      'node.id': plan.id,
      'controller.quorum.bootstrap.servers': plan.controllers,
      listeners: `${atClients},${PEERS}://127.0.0.1:${plan.peerPort}`,
      'advertised.listeners': `${atClients},${PEERS}://127.0.0.1:${plan.gatePort}`,
      'listener.security.protocol.map': `${CLIENTS}:PLAINTEXT,${PEERS}:PLAINTEXT`,
      'inter.broker.listener.name': PEERS,
      'log.dirs': this.dataDirs.join(','),
    });
    const overrides = settings.flatMap(([name, value]) => ['--override', `${name}=${value}`]);
    const args = [plan.program, 'serve', ...overrides];
    const readyLine = /^millrace ready /;
    const program = { name: `broker ${plan.id}`, command: process.execPath, args, readyLine };
    this.#node = new NodeProcess(program, plan.logger);
  }

  /** False after it was killed or stopped, until it is started again. */
  get isRunning(): boolean {
    return this.#node.isRunning;
  }

  /** Starts it again after it was killed or stopped. Resolves once clients are sent to it. */
  start(): Promise<void> {
    return this.#node.start();
  }

  /** As kill -9. Resolves once it is gone; the controllers notice a few seconds later. */
  kill(): Promise<void> {
    return this.#node.kill();
  }

  /** As SIGTERM: it lets go of its partitions before it ends. */
  stop(): Promise<void> {
    return this.#node.stop();
  }
}

/** What `--against` asks for besides brokers with millrace's client: other clients, and the floor. */
import { runBrokerSuite } from '../broker-suite.ts';
import { rivalProgram } from '../client/client-programs.ts';
import { linesTable } from '../harness/lines-table.ts';
import { planLine } from '../harness/planned-line.ts';
import { runLines } from '../harness/run-lines.ts';
import type { RivalName } from '../scenario.ts';
import type { RivalClient } from './rival-clients.ts';
import type { TableOptions } from './table-options.ts';

type Note = (text: string) => void;
type LineOptions = Pick<TableOptions, 'measureMs' | 'warmupMs' | 'rounds'> & {
  readonly against: readonly RivalName[];
};

/** Rows of the table that other clients of Node can do, by the names of their loads. */
const CLIENT_LOADS = ['produce', 'singles', 'produce-all', 'consume-batches'];
/** Rows of the table as Kafka's own tools do them. */
const JAVA_LINES = [
  'java --acks 1',
  'java --acks 1 --rate 500000',
  'java --acks all --idempotent',
  'java --acks all --idempotent --rate 450000',
  'java --acks all --transactions 100',
  'java --acks 1 --codec gzip --rate 200000',
  'java --acks 1 --codec lz4 --rate 400000',
  'java --consume',
];
/** What brokers that do not speak Kafka's protocol can do as well. */
const SOCKET_LINES = [
  'websocket --format json',
  'websocket --format batch',
  'websocket --format json --consumers 100',
  'websocket --format batch --consumers 100',
];
/** The loads that the floor can take and that the table has. */
const FLOOR_SCENARIOS = 'produce-acks1,produce-idempotent,produce-lz4,fetch-catch-up';

export async function furtherTables(options: TableOptions, note: Note): Promise<void> {
  const { clients, withFloor, sockets } = options;
  const nodeClients = clients.filter((name) => name !== 'java');
  if (nodeClients.length > 0) await clientTable(nodeClients, options, note);
  if (clients.includes('java')) {
    await linesOf(
      'Kafka’s own perf tools, which tell no latency of a consumer',
      JAVA_LINES,
      options,
    );
  }
  if (sockets.length > 0) {
    const title = 'Consumers over WebSocket that each get everything, flat out; deliveries';
    await linesOf(title, SOCKET_LINES, { ...options, against: sockets });
  }
  if (!withFloor) return;
  process.stdout.write('\nThe same requests, encoded before, to millrace and to the floor\n');
  const times = ['--rounds', '1', '--seconds', '2', '--warmup', '1'];
  const suite = ['--suite', 'floor', '--against', 'floor', '--only', FLOOR_SCENARIOS];
  await runBrokerSuite([...suite, ...times]);
}

async function clientTable(
  names: readonly RivalClient[],
  options: TableOptions,
  note: Note,
): Promise<void> {
  note('npm installs the other clients; the first time some are compiled, which takes minutes');
  const taking: string[] = ['millrace'];
  for (const name of names) {
    const found = await rivalProgram(name as 'kafkajs');
    if (typeof found === 'string') note(`${name} is left out: ${found}`);
    else taking.push(name);
  }
  const lines = CLIENT_LOADS.flatMap((load) =>
    taking.map((name) => `client --name ${name} --load ${load}`),
  );
  await linesOf('Other clients of Node, flat out, records of 100 bytes', lines, options);
}

async function linesOf(
  title: string,
  lines: readonly string[],
  { measureMs, warmupMs, rounds, against }: LineOptions,
): Promise<void> {
  const seconds = measureMs / 1000;
  const run = {
    lines: lines.map((text) => planLine(text.split(' '))),
    options: {
      seconds,
      warmupSeconds: warmupMs / 1000,
      rounds,
      against,
      overrides: {},
      profile: false,
      json: false,
    },
    seconds,
    flags: ` --seconds ${seconds}`,
  };
  const { rows } = await runLines(run, async () => {});
  process.stdout.write(`\n${title}\n${linesTable(rows)}`);
}

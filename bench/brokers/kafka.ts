/** Apache Kafka from Maven Central: one KRaft node with the settings of its own start script. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BrokerProcess, freePort } from './broker-process.ts';
import { addUser, type BrokerSecurity } from './broker-security.ts';
import { firstAcknowledged } from './first-acknowledged.ts';

export const KAFKA_VERSION = '4.3.1';
const execute = promisify(execFile);

/** kafka-server-start.sh: its collector, and what else it says but the heap. */
export const KAFKA_JVM_FLAGS = [
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-XX:MaxInlineLevel=15',
  '-Djava.awt.headless=true',
];
const HEAP = ['-Xmx1G', '-Xms1G'];

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace.bench</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

const PROTOCOLS = 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT';

const LOG4J = `<Configuration status="WARN">
  <Appenders>
    <Console name="console"><PatternLayout pattern="%d %p %m (%c)%n"/></Console>
  </Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
`;

/** Why there is no Kafka here; undefined where there is one. */
export async function missingForKafka(): Promise<string | undefined> {
  for (const [program, flag] of [
    ['java', '-version'],
    ['mvn', '-v'],
  ] as const) {
    try {
      await execute(program, [flag]);
    } catch {
      return `${program} is not installed`;
    }
  }
  return undefined;
}

/** Lets Maven fetch what is not in its local repository yet. */
export async function kafkaClassPath(folder: string): Promise<string> {
  const pomFolder = join(folder, 'pom');
  await mkdir(pomFolder, { recursive: true });
  await writeFile(join(pomFolder, 'pom.xml'), POM);
  const file = join(pomFolder, 'classpath.txt');
  const goal = ['-q', '-B', 'dependency:build-classpath', `-Dmdep.outputFile=${file}`];
  await execute('mvn', goal, { cwd: pomFolder, maxBuffer: 64 * 1024 * 1024 });
  return (await readFile(file, 'utf8')).trim();
}

export interface KafkaNode {
  readonly folder: string;
  readonly classPath: string;
  /** It listens with TLS, too. */
  readonly security?: BrokerSecurity;
}

/** Starts the node of that folder, which is formatted the first time. */
export async function startKafka(
  node: KafkaNode,
  config: Readonly<Record<string, string>>,
): Promise<BrokerProcess> {
  const port = await freePort();
  const controllerPort = await freePort();
  const secured = await node.security?.freePorts();
  const plain = `PLAINTEXT://127.0.0.1:${port}`;
  const addresses = secured === undefined ? plain : `${plain},${secured.addresses}`;
  await mkdir(node.folder, { recursive: true });
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': PROTOCOLS,
    listeners: `${addresses},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': addresses,
    'log.dirs': join(node.folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.streams.initial.rebalance.delay.ms': '0',
    'log.segment.delete.delay.ms': '1000',
    ...node.security?.config,
    ...config,
  };
  const file = join(node.folder, 'server.properties');
  const log4j = join(node.folder, 'log4j2.xml');
  const lines = Object.entries(properties).map(
    ([name, value]) => `${name}=${value.replaceAll('\n', '\\n')}\n`,
  );
  await writeFile(file, lines.join(''));
  await writeFile(log4j, LOG4J);
  const logging = `-Dlog4j2.configurationFile=${log4j}`;
  const tool = ['-cp', node.classPath, logging, 'kafka.tools.StorageTool', 'format'];
  const clusterId = Buffer.from('millrace-bench-1').toString('base64url');
  await execute('java', [...tool, '-t', clusterId, '-c', file, '--ignore-formatted']);
  const broker = await BrokerProcess.start({
    name: 'kafka',
    program: 'java',
    args: [...HEAP, ...KAFKA_JVM_FLAGS, logging, '-cp', node.classPath, 'kafka.Kafka', file],
    host: '127.0.0.1',
    port,
    logFile: join(node.folder, 'kafka.log'),
    ready: firstAcknowledged,
  });
  broker.secured = secured;
  if (secured !== undefined) await addUser(broker.host, port);
  return broker;
}

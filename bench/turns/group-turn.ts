/**
 * The members of one group, franz-go each, read a topic of 100-byte records from its start to its
 * end. The first reading warms up the broker; the second one, by another group, counts.
 */
import type { BenchOptions } from '../bench-options.ts';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import { type ClientCommand, franzGo, runClient } from '../harness/client-programs.ts';
import type { Contestant } from '../harness/contestant.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import { deleteTopic } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { cpuSecondsOf } from '../load/process-stats.ts';
import type { Scenario } from '../scenario.ts';

interface GroupResult {
  readonly seconds: number;
  readonly messagesPerSecond: number;
}

let readings = 0;

export async function groupTurn(
  scenario: Scenario,
  who: Contestant,
  _options: BenchOptions,
): Promise<Figures> {
  const program = await franzGo();
  const broker = await who.shared();
  const [topic] = (await runLoadProcess(broker, scenario.args, 0, 0)).topics;
  await read(program, broker, topic!);
  const cpuFrom = cpuSecondsOf(broker.pid);
  const { seconds, messagesPerSecond } = await read(program, broker, topic!);
  const brokerCpuSeconds = cpuSecondsOf(broker.pid) - cpuFrom;
  const control = await ControlClient.connect(broker.host, broker.port);
  await deleteTopic(control, topic!);
  control.close();
  const brokerCpuPerMillion = brokerCpuSeconds / ((seconds * messagesPerSecond) / 1e6);
  return { seconds, messagesPerSecond, brokerCpuPerMillion };
}

function read(program: ClientCommand, broker: BrokerProcess, topic: string): Promise<GroupResult> {
  const group = `bench-group-${process.pid}-${readings++}`;
  const where = ['--bootstrap', broker.address, '--topic', topic, '--group', group];
  return runClient<GroupResult>(program, ['group', ...where]);
}

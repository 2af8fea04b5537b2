/** One turn of a row of the table: how its scenario becomes a load. */
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { DriveResult } from '../drive/drive-result.ts';
import type { DriveSpec } from '../drive/drive-spec.ts';
import { type DriveTiming, driveTurn } from '../drive/drive-turn.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';

const AWAITED = 16;
const TRANSACTION_MS = 100;

export interface TurnSettings extends DriveTiming {
  readonly recordBytes: number;
  readonly rate: number;
}

export function tableTurn(
  scenario: TableScenario,
  broker: BrokerProcess,
  settings: TurnSettings,
): Promise<DriveResult> {
  const { load, partitions, consumers, values, producer } = scenario;
  const { recordBytes, rate } = settings;
  const consumeMode = rate > 0 ? 'e2e' : 'consume';
  const spec: DriveSpec = {
    mode: load === 'consume' ? consumeMode : 'produce',
    recordBytes,
    values,
    partitions,
    topicConfig: {},
    producers: 1,
    producer,
    awaited: load === 'awaited' ? AWAITED : 0,
    transactionMs: load === 'transactions' ? TRANSACTION_MS : 0,
    rate,
    groups: consumers > 0 ? 1 : 0,
    members: [consumers],
    consumerProcesses: consumers,
  };
  return driveTurn(spec, broker, settings);
}

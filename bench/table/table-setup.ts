/** What the process of the client is told: one JSON document as its only argument. */
import type { TableScenario } from '../scenarios/table-scenario.ts';

export interface TableSetup {
  readonly scenario: TableScenario;
  readonly bootstrap: string;
  readonly brokerPid: number;
  readonly topic: string;
  readonly recordBytes: number;
  /** Records a second; 0 is flat out. */
  readonly rate: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

/**
 * Transactional producers, one on each connection. Where transactions last, the records are counted
 * and each Produce is timed; where one is a single write, the transactions are.
 */
import type { Load, LoadSetup } from './load-setup.ts';
import { openTransactionLane } from './open-transaction-lane.ts';
import type { TransactionLane } from './transaction-lane.ts';

export class TransactionLoad implements Load {
  readonly #lanes: readonly TransactionLane[];

  private constructor(lanes: readonly TransactionLane[]) {
    this.#lanes = lanes;
  }

  static async open(setup: LoadSetup): Promise<TransactionLoad> {
    const { options, meter, onFailed } = setup;
    const lanes: TransactionLane[] = [];
    for (let index = 0; index < options.connections; index++) {
      const lane = await openTransactionLane(setup, index);
      lane.onFailed = onFailed;
      if (options.transactionMs === 0) lane.onEnded = (latencyMs) => meter.done(latencyMs, 1, 0);
      else lane.onWritten = (latencyMs, records, bytes) => meter.done(latencyMs, records, bytes);
      lanes.push(lane);
    }
    return new TransactionLoad(lanes);
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

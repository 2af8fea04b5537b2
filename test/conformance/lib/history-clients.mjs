/** All clients of a run under faults: who writes, who reads meanwhile, and what all of them saw. */

import { expectEqual } from './kafka-tools.mjs';
import { identityOf, JavaWriter, judge, readAll, SteadyWriter } from './replica-history.mjs';
import { batchesOf, lastStableOffset } from './replicas.mjs';
import { CommittedTail, Tail } from './tails.mjs';
import { judgeTransactions, untilStable } from './transactional-history.mjs';
import { JavaTransactions, Leaver, TransactionalWriter } from './transactional-writers.mjs';

export const PARTITIONS = 4;
export const HISTORY = 'history';
export const TRANSACTIONS = 'transactions';

function each(make) {
  return Array.from({ length: PARTITIONS }, (_, partition) => make(partition));
}

export class HistoryClients {
  #cluster;
  #all = [];
  tails = [];
  committed = [];
  /** The SteadyWriter, by which one sees whether writing goes on. */
  writer;

  static async start(cluster, random) {
    const clients = new HistoryClients();
    clients.#cluster = cluster;
    try {
      await clients.#start(random);
    } catch (error) {
      await clients.discard();
      throw error;
    }
    return clients;
  }

  async #start(random) {
    const { bootstrap } = this.#cluster;
    const plain = { bootstrap, topic: HISTORY, partitions: PARTITIONS };
    const whole = { ...plain, topic: TRANSACTIONS, random };
    const start = async (Kind, options) => {
      const started = await Kind.start(options);
      this.#all.push(started);
      return started;
    };
    this.writer = await start(SteadyWriter, { ...plain, name: 'steady' });
    this.java = await start(JavaWriter, plain);
    this.transactions = await start(TransactionalWriter, { ...whole, name: 'writer' });
    this.javaTransactions = await start(JavaTransactions, { ...whole, name: 'java' });
    this.leaver = await start(Leaver, { ...whole, name: 'leaver' });
    const cluster = this.#cluster;
    this.tails = each((partition) => new Tail(cluster, HISTORY, partition, identityOf));
    this.committed = each((partition) => new CommittedTail(cluster, TRANSACTIONS, partition));
  }

  async untilWriting() {
    await this.java.untilMore(50);
    await this.transactions.untilMore(2);
    await this.javaTransactions.untilMore(2);
  }

  /** Transactions that were ended early, or stay open for too long. */
  async lapses() {
    const lapses = this.transactions.endedEarly.splice(0);
    try {
      await untilStable(this.#cluster, TRANSACTIONS, PARTITIONS);
    } catch (error) {
      lapses.push(error.message);
      await this.leaver.endAll();
    }
    return lapses;
  }

  /** Each waits for what it has sent. */
  async end() {
    await Promise.all(this.#all.map((client) => client.end()));
  }

  /** Throws with what is wrong; resolves with how many records were acknowledged. */
  async judgeRecords(say) {
    const { writer, java, tails } = this;
    const logs = [];
    for (const { partition } of tails) logs.push(await readAll(this.#cluster, HISTORY, partition));
    for (const tail of tails) await tail.endAt(logs[tail.partition].length);
    const acked = [...writer.acked, ...java.acked];
    const batches = [];
    for (const [partition, { length }] of logs.entries()) {
      batches.push(await batchesOf(this.#cluster.brokers[0], HISTORY, partition, length));
    }
    // A broker of Kafka forgets batches when it is killed: see the check idempotence-kills.
    const mayDouble = (partition, offset) => {
      const leader = this.#leaderOf(batches, partition, offset);
      return leader?.kind === 'kafka' && leader.wasKilled;
    };
    try {
      const copies = judge({ logs, acked, tails, mayDouble });
      if (copies > 0)
        say(`not held against it: ${copies} records doubled by killed brokers of Kafka`);
    } catch (error) {
      throw new Error(`${error.message}\n${this.#evidence(logs, batches)}`);
    }
    expectEqual([...writer.failures, ...java.failures].slice(0, 3), [], 'failed requests');
    return acked.length;
  }

  /** Which broker led when a record was written; undefined where no tail has seen that. */
  #leaderOf(batches, partition, offset) {
    const { epoch } = batches[partition].find(({ last }) => last >= offset);
    return this.tails[partition].leaders.get(epoch);
  }

  /** The batches of records that are there twice, and who led when they were written. */
  #evidence(logs, batches) {
    const lines = [];
    for (const [partition, values] of logs.entries()) {
      const twice = values.flatMap((value, offset) => {
        const other = values.indexOf(value, offset + 1);
        return other < 0 ? [] : [offset, other];
      });
      if (twice.length === 0) continue;
      const { leaders } = this.tails[partition];
      for (const { bytes, ...batch } of batches[partition]) {
        if (!twice.some((offset) => offset >= batch.offset && offset <= batch.last)) continue;
        lines.push(
          `${partition}: ${JSON.stringify(batch)}, led by ${leaders.get(batch.epoch)?.id}`,
        );
      }
      lines.push(`leaders of ${partition} by epoch: ${JSON.stringify([...leaders])}`);
    }
    return lines.slice(0, 12).join('\n');
  }

  /** Throws with what is wrong; resolves with how many there were of each outcome. */
  async judgeTransactions() {
    const read = [];
    await untilStable(this.#cluster, TRANSACTIONS, PARTITIONS);
    for (const tail of this.committed) {
      const { partition } = tail;
      const end = await lastStableOffset(this.#cluster, TRANSACTIONS, partition);
      const again = new CommittedTail(this.#cluster, TRANSACTIONS, partition);
      await again.endAt(end);
      await tail.endAt(end);
      read.push(again.records);
    }
    const { transactions, javaTransactions, leaver } = this;
    const told = [transactions, javaTransactions, leaver].flatMap((client) => client.told);
    judgeTransactions({ read, told, tails: this.committed });
    const count = (wanted) => told.filter(({ outcome }) => outcome === wanted).length;
    const outcomes = ['committed', 'aborted', 'unknown'];
    return outcomes.map((outcome) => `${count(outcome)} ${outcome}`).join(', ');
  }

  async discard() {
    for (const client of this.#all) await client.discard();
    for (const tail of [...this.tails, ...this.committed]) await tail.end();
  }
}

/** One broker, the clients around it, and what goes wrong. */
import { Broker } from '../../dist/broker/broker.js';
import { ERROR } from '../../dist/protocol/index.js';
import { Chaos } from './chaos.mjs';
import { Director } from './director.mjs';
import { Disk } from './disk.mjs';
import { Machine } from './machine.mjs';
import { Ownership } from './ownership.mjs';
import { sabotages } from './sabotage.mjs';
import { TransactionHistory } from './transaction-history.mjs';
import { World } from './world.mjs';

const PASSING = new Set([
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.LEADER_NOT_AVAILABLE,
  ERROR.KAFKA_STORAGE_ERROR,
  ERROR.REQUEST_TIMED_OUT,
]);

export class SingleWorld extends World {
  disk;
  machine;
  rules;
  losesPower;
  places = [];
  /** Of topics whose deletion was answered. */
  deleted = [];
  members = [];
  transactors = [];
  ownership = new Ownership(this.loop, this.history);
  transactions = new TransactionHistory(this.history);

  constructor(seed, directory, { verbose, sabotage }) {
    super(seed, verbose, sabotages[sabotage]);
    const { loop, random, history } = this;
    const durability = random.pick(['os', 'group']);
    this.losesPower = durability === 'group' && random.chance(0.7);
    const syncMsMax = random.pick([0, 5, 40]);
    this.disk = new Disk(directory, loop, random.fork(), { syncMsMax });
    this.disk.onGathered = (wanted, written) => {
      if (wanted > 1) history.count(written === wanted ? 'gathered' : 'half-gathered');
    };
    const settings = { config: configOf(durability), boot };
    this.machine = new Machine(this.disk, loop, random.fork(), history, settings);
    this.machine.onStart = () => this.breakAnew();
    this.take([this.machine]);
    this.rules = {
      passing: PASSING,
      acksAll: this.losesPower,
      produceTimeoutMs: 30_000,
      patienceMs: Number.POSITIVE_INFINITY,
      goesElsewhere: 0,
      paceMs: 20,
    };
  }

  begin() {
    this.machine.start();
    this.chaos = new Chaos(this);
    this.chaos.run();
    this.director = new Director(this, this.chaos).run();
  }

  machineFor() {
    return this.machine;
  }

  /** It leads all the time. */
  reignOver() {
    return '';
  }
}

function boot(options) {
  const started = Broker.start(options);
  return { started, close: async () => (await started).close() };
}

function configOf(durability) {
  return {
    listeners: 'PLAINTEXT://127.0.0.1:0',
    'millrace.http.listener': '',
    'num.io.threads': 0,
    'millrace.durability': durability,
    'log.dir.min.free.bytes': 0,
    'auto.create.topics.enable': false,
    'offsets.topic.num.partitions': 2,
    'transaction.state.log.num.partitions': 2,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 100,
    'group.initial.rebalance.delay.ms': 0,
    'group.streams.initial.rebalance.delay.ms': 0,
    'log.flush.offset.checkpoint.interval.ms': 300,
    'log.flush.start.offset.checkpoint.interval.ms': 300,
  };
}

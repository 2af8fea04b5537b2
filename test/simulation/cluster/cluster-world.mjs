/** Three brokers under one controller, the clients around them, and what goes wrong. */
import { join } from 'node:path';
import { ClusterNode } from '../../../dist/broker/cluster-node.js';
import { API, ERROR } from '../../../dist/protocol/index.js';
import { ConnectionLost } from '../client-connection.mjs';
import { Disk } from '../disk.mjs';
import { Machine } from '../machine.mjs';
import { World } from '../world.mjs';
import { ClusterChaos } from './cluster-chaos.mjs';
import { ClusterDirector } from './cluster-director.mjs';
import { Controller } from './controller.mjs';
import { ControllerState } from './controller-state.mjs';
import { inlineChannel } from './inline-channel.mjs';
import { MetadataLog } from './metadata-log.mjs';
import { Network } from './network.mjs';
import { replicaSabotages } from './replica-sabotage.mjs';

const CONTROLLER_PORT = 9000;
const SESSION_MS = 300;
const METADATA_VERSION = 12;
/** A broker may not have heard of the newest election, or of the topic. */
const RULES = {
  passing: new Set([
    ERROR.NOT_LEADER_OR_FOLLOWER,
    ERROR.LEADER_NOT_AVAILABLE,
    ERROR.REQUEST_TIMED_OUT,
    ERROR.NOT_ENOUGH_REPLICAS,
    ERROR.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    ERROR.UNKNOWN_TOPIC_ID,
    ERROR.OFFSET_NOT_AVAILABLE,
  ]),
  acksAll: true,
  produceTimeoutMs: 400,
  patienceMs: 600,
  goesElsewhere: 0.6,
  paceMs: 80,
};

export class ClusterWorld extends World {
  rules = RULES;
  minInSync = 2;
  places = [];
  controller;
  network;

  constructor(seed, directory, { nodes, verbose, sabotage }) {
    super(seed, verbose, replicaSabotages[sabotage]);
    const { loop, random, history } = this;
    const log = new MetadataLog();
    const { minInSync } = this;
    const rules = { sessionMs: SESSION_MS, minInSync, usesElr: random.chance(0.5) };
    const state = new ControllerState(log, rules);
    this.controller = new Controller(log, state, loop, history, CONTROLLER_PORT);
    this.network = new Network(loop, random.fork(), random.pick([1, 5, 20]));
    this.network.add(CONTROLLER_PORT, this.controller);
    const config = {
      'millrace.durability': random.pick(['os', 'os', 'group']),
      'replica.lag.time.max.ms': random.pick([150, 400, 1000]),
    };
    const syncMsMax = random.pick([0, 5]);
    const machines = [];
    for (let id = 1; id <= nodes; id++) {
      machines.push(this.#machine(id, join(directory, `n${id}`), syncMsMax, config));
    }
    this.take(machines);
  }

  #machine(id, directory, syncMsMax, config) {
    const { loop, random, history, network } = this;
    const disk = new Disk(directory, loop, random.fork(), { syncMsMax });
    const port = CONTROLLER_PORT + id;
    const system = (machine) => {
      const openPeer = network.openerOf(machine);
      const channel = inlineChannel(loop, network.random, machine.process, openPeer);
      return { openPeer, startChannelThread: channel };
    };
    const settings = { name: `n${id}`, config: configOf(id, port, config), boot, system };
    const machine = new Machine(disk, loop, random.fork(), history, settings);
    machine.id = id;
    machine.onEnded = () => network.onEnded(machine);
    network.add(port, machine);
    return machine;
  }

  begin() {
    this.breakAnew();
    this.controller.start();
    for (const machine of this.machines) machine.start();
    this.chaos = new ClusterChaos(this);
    this.director = new ClusterDirector(this, this.chaos).run();
  }

  /** Whom some broker takes for the leader of what the client is about. It may be out of date. */
  async machineFor(client) {
    const asked = client.random.pick(this.machines);
    if (client.place === null) return asked;
    const connection = client.connect(asked);
    if (connection === null) return asked;
    try {
      const answer = await connection.request(API.METADATA, METADATA_VERSION, {
        topics: [{ topicId: client.place.topicId, name: null }],
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: false,
      });
      const found = answer.topics[0]?.partitions.find(
        ({ partitionIndex }) => partitionIndex === client.place.partition,
      );
      return this.machines.find(({ id }) => id === found?.leaderId) ?? asked;
    } catch (thrown) {
      if (!(thrown instanceof ConnectionLost)) throw thrown;
      return asked;
    } finally {
      connection.close();
    }
  }

  /** What a broker's reign over a partition is called; null where it does not lead it. */
  reignOver({ topicId, partition }, source) {
    const { leader, leaderEpoch } = this.controller.state.partition(topicId, partition);
    return source.startsWith(`n${leader}.`) ? `${source} ${leaderEpoch}` : null;
  }
}

function boot(options) {
  const node = new ClusterNode(options);
  return { started: node.start(), close: () => node.close() };
}

function configOf(id, port, config) {
  return {
    'node.id': id,
    'process.roles': 'broker',
    'controller.quorum.bootstrap.servers': `controller:${CONTROLLER_PORT}`,
    'controller.quorum.fetch.timeout.ms': 500,
    'controller.quorum.request.timeout.ms': 150,
    'broker.heartbeat.interval.ms': 50,
    'broker.session.timeout.ms': SESSION_MS,
    'replica.fetch.wait.max.ms': 60,
    'replica.fetch.backoff.ms': 20,
    'replica.socket.timeout.ms': 250,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'millrace.http.listener': '',
    'num.io.threads': 0,
    'log.dir.min.free.bytes': 0,
    'auto.create.topics.enable': false,
    'log.flush.offset.checkpoint.interval.ms': 300,
    'log.flush.start.offset.checkpoint.interval.ms': 300,
    'replica.high.watermark.checkpoint.interval.ms': 300,
    ...config,
  };
}

/** One attack on a broker of its own, beside a healthy client, and what it did to both. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ATTACKS } from './attacks.mjs';
import { sleep } from './peers.mjs';
import { ProbedBroker } from './probed-broker.mjs';
import { RIVALS } from './rival-brokers.mjs';
import { securedListener } from './secured-listener.mjs';
import { giveWay } from './standing.mjs';
import { SteadyClient, summaryOf } from './steady-client.mjs';

const ATTACKER = fileURLToPath(new URL('./attacker.mjs', import.meta.url));
const SAMPLE_MS = 50;
const WARM_UP_MS = 3000;
const GONE_MS = 3000;
const PROFILE_START_MS = 500;

/** The machine has one address, so the limits of one address are out of the way. */
const OVERRIDES = {
  'max.connections': 20_000,
  'max.connections.per.ip': 20_000,
  'max.connection.creation.rate': 20_000,
};

export class HostileRun {
  #options;
  #broker;
  #client;
  #attacker;
  #peakMb = 0;

  constructor(options) {
    this.#options = options;
  }

  /** Figures of each phase; memory is that of the whole attack. */
  async run(attack) {
    const { seconds, quietSeconds, settleSeconds } = this.#options;
    const listener = await securedListener(ATTACKS[attack].secured);
    this.#broker = await this.#start(attack, listener);
    try {
      const { port, httpPort, securedPort = listener.port } = this.#broker;
      const words = [attack, port, seconds, httpPort, securedPort];
      this.#attacker = fork(ATTACKER, words, { stdio: 'inherit' });
      giveWay(this.#attacker.pid);
      await this.#ask('prepare');
      this.#client = await SteadyClient.start(this.#broker.port);
      await sleep(WARM_UP_MS);
      const before = await this.#quiet(quietSeconds);
      const beforeMb = this.#broker.memoryMb;
      const rows = await this.#attack(attack);
      await sleep((settleSeconds * 1000) / 4);
      this.#attacker.kill();
      const afterMb = this.#broker.memoryMb;
      const quiet = summaryOf([...before, ...(await this.#quiet(quietSeconds))]);
      await this.#client.stop();
      await sleep(settleSeconds * 1000);
      const aloneMb = this.#broker.memoryMb;
      const memory = { beforeMb, peakMb: this.#peakMb, afterMb, aloneMb };
      const { broker } = this.#options;
      return rows.map((row) => ({ attack, broker, ...row, quiet, memory }));
    } finally {
      this.#attacker?.kill();
      await this.#broker.stop();
    }
  }

  #start(attack, listener) {
    const { broker, overrides } = this.#options;
    if (broker !== 'millrace') return RIVALS[broker].start(listener);
    const { overrides: own } = ATTACKS[attack];
    return ProbedBroker.start({ ...OVERRIDES, ...own, ...listener.overrides, ...overrides });
  }

  /** What the machine does to the client by itself: the latencies of so many seconds. */
  async #quiet(seconds) {
    this.#client.take();
    await sleep(seconds * 1000);
    const latenciesMs = this.#client.take();
    await this.#broker.takeDelays();
    return latenciesMs;
  }

  async #attack(attack) {
    const rows = [];
    const sampler = setInterval(() => {
      this.#peakMb = Math.max(this.#peakMb, this.#broker.memoryMb);
    }, SAMPLE_MS);
    for (const [name, phase] of Object.entries(ATTACKS[attack].phases)) {
      rows.push(await this.#phase(attack, name, phase === 'kill'));
    }
    clearInterval(sampler);
    return rows;
  }

  async #phase(attack, name, isKill) {
    const broker = this.#broker;
    const profileTo = broker instanceof ProbedBroker ? this.#options.profileTo : undefined;
    if (profileTo !== undefined) await this.#profile();
    const before = broker.cpuSeconds;
    const { cpuSeconds, ms } = isKill ? await this.#killAttacker() : await this.#ask(name);
    const brokerCpu = broker.cpuSeconds - before;
    const latency = summaryOf(this.#client.take());
    const delays = await broker.takeDelays();
    if (profileTo !== undefined) {
      await broker.writeProfile(`${profileTo}/${attack}-${name || 'all'}.cpuprofile`);
      const { count, all, worst } = delays.collectorMs;
      const times = `${count} collections, ${all.toFixed(1)} ms, the longest ${worst.toFixed(1)}`;
      process.stderr.write(`${attack} ${name}: ${(ms / 1000).toFixed(1)} s; ${times}\n`);
    }
    const share = (seconds) => (seconds * 1000) / ms;
    return {
      phase: name,
      latency,
      delays,
      attackerCpu: share(cpuSeconds),
      brokerCpu: share(brokerCpu),
    };
  }

  /** To start it takes the broker a while, which is not the attack's. */
  async #profile() {
    await this.#broker.startProfile();
    await sleep(PROFILE_START_MS);
    await this.#broker.takeDelays();
    this.#client.take();
  }

  async #killAttacker() {
    this.#attacker.kill('SIGKILL');
    await sleep(GONE_MS);
    return { cpuSeconds: 0, ms: GONE_MS };
  }

  async #ask(phase) {
    const attacker = this.#attacker;
    attacker.send(phase);
    const ended = once(attacker, 'exit').then(() => {
      throw new Error(`the attacker ended in ${phase || 'its attack'}`);
    });
    ended.catch(() => {});
    const [answer] = await Promise.race([once(attacker, 'message'), ended]);
    return answer;
  }
}

/**
 * A group whose members speak one protocol in one life and the other in the next, with the same
 * instance id: it is upgraded when the first of the new protocol comes and downgraded when the last
 * one goes. Its mood sways: towards one protocol, towards the other, or to both at once.
 */
import { API } from '../../dist/protocol/index.js';
import { ClassicConsumer } from './classic-consumer.mjs';
import { ConsumerGroup } from './consumer-group.mjs';
import { ConsumerMember, SESSION_TIMEOUT_MS } from './consumer-member.mjs';

/** How likely a new life speaks the classic protocol. */
const MOODS = [0, 0.5, 1];
const MOOD_MS_MIN = 100;
const MOOD_MS_SPREAD = 500;
const LEAVES_A_BEAT = 0.02;
/** Of those that the mood is against. */
const GIVES_WAY_A_BEAT = 0.3;
const WATCH_MS = 10;

/** One application of the group: it always runs one of its two members. */
class Slot {
  #random;
  #classic;
  #consumer;
  #isClassic;

  constructor({ group, name, instanceId, usesRegex, random }) {
    this.group = group;
    this.#random = random;
    const leavesABeat = () => this.#leavesABeat();
    this.#classic = new ClassicConsumer({ group, instanceId, leavesABeat, random });
    const options = { group, name, instanceId, usesRegex, random, leavesABeat };
    this.#consumer = new ConsumerMember(options);
    this.#isClassic = random() < 0.5;
  }

  get stable() {
    return this.#classic.stable + this.#consumer.stable;
  }

  get fenced() {
    return this.#classic.fenced + this.#consumer.fenced;
  }

  #leavesABeat() {
    const { mood } = this.group;
    const isUnwanted = this.#isClassic ? mood === 0 : mood === 1;
    return isUnwanted ? GIVES_WAY_A_BEAT : LEAVES_A_BEAT;
  }

  /** Until the connection breaks, or `enough` says so. */
  async run(connection, enough = () => false) {
    while (!connection.failed && !enough()) {
      const member = this.#isClassic ? this.#classic : this.#consumer;
      const { lives } = member;
      await member.run(connection, () => enough() || member.lives > lives);
      if (member.lives > lives) this.#isClassic = this.#random() < this.group.mood;
    }
  }
}

export class MixedGroup extends ConsumerGroup {
  #random;
  #type = '';
  mood = 0.5;
  /** How often it was seen to be of the one type, and of the other the next time. */
  upgrades = 0;
  downgrades = 0;

  constructor(groupId, shared, memberCount, random) {
    super(groupId, shared, 0, random);
    this.#random = random;
    this.isCooperative = random() < 0.5;
    this.protocolName = this.isCooperative ? 'cooperative-sticky' : 'range';
    this.sessionTimeoutMs = SESSION_TIMEOUT_MS;
    this.members = Array.from({ length: memberCount }, (_, i) => {
      const instanceId = random() < 0.4 ? `${groupId}-instance-${i}` : null;
      const usesRegex = random() < 0.3;
      return new Slot({ group: this, name: `${i}`, instanceId, usesRegex, random });
    });
  }

  /** Sways the mood and watches the group's type, until the connection breaks. */
  async run(connection) {
    let changeMs = 0;
    while (!connection.failed) {
      if (Date.now() >= changeMs) {
        this.mood = MOODS[Math.floor(this.#random() * MOODS.length)];
        changeMs = Date.now() + MOOD_MS_MIN + this.#random() * MOOD_MS_SPREAD;
      }
      try {
        await this.#look(connection);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
  }

  async #look(connection) {
    const filters = { statesFilter: [], typesFilter: [] };
    const { groups } = await connection.send(API.LIST_GROUPS, 5, filters);
    const found = groups.find(({ groupId }) => groupId === this.groupId);
    // An empty group gives way to any type: that is no migration.
    const type = found === undefined || found.groupState === 'Empty' ? '' : found.groupType;
    if (this.#type === 'classic' && type === 'consumer') this.upgrades++;
    if (this.#type === 'consumer' && type === 'classic') this.downgrades++;
    this.#type = type;
  }
}

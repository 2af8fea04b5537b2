/** What goes wrong in a cluster, and when. Some of it at once. In the end all is whole again. */

const EVENTS_MAX = 8;
const EVENT_MS_MAX = 150;
const DOWN_MS_MAX = 500;
const CUT_MS_MAX = 900;
const STOPPED_MS_MAX = 700;
const STOP_MS_MAX = 3000;
const CHANGES_MAX = 60;
const LOOK_MS = 5;
const CAUSES = [
  'kill',
  'kill',
  'die',
  'stop',
  'pause',
  'pause',
  'cut',
  'cut',
  'isolate',
  'takeOver',
  'break',
  'clock',
  'elect',
  'power',
];

export class ClusterChaos {
  isOver = false;
  #world;
  #random;
  /** Machines whose process has ended and that are to be started again. */
  #restarting = new Set();
  #underWay = 0;
  /** Nothing else may happen: see `power`. */
  #isHeld = false;

  constructor(world) {
    this.#world = world;
    this.#random = world.random.fork();
  }

  run() {
    this.#live().catch((thrown) => {
      this.#world.history.failure ??= thrown.stack;
    });
  }

  async #live() {
    const events = this.#random.below(EVENTS_MAX + 1);
    const all = [];
    for (let i = 0; i < events; i++) {
      await this.#sleepBelow(EVENT_MS_MAX);
      while (this.#isHeld) await this.#world.loop.sleep(LOOK_MS);
      const under = this.#cause();
      all.push(under);
      if (this.#random.chance(0.4)) await under;
    }
    await Promise.all(all);
    await this.#makeWhole();
    this.isOver = true;
  }

  #sleepBelow(ms) {
    return this.#world.loop.sleep(this.#random.below(ms));
  }

  async #cause() {
    const cause = this.#random.pick(CAUSES);
    this.#underWay++;
    await this[cause]();
    this.#underWay--;
  }

  #note(text) {
    this.#world.history.note(`chaos ${text}`);
    this.#world.history.count(text.split(' ', 1)[0]);
  }

  #machine() {
    return this.#random.pick(this.#world.machines);
  }

  async kill() {
    const machine = this.#machine();
    this.#note(`kill ${machine.name}`);
    machine.kill();
    await this.#startAgain(machine);
  }

  /** In the middle of what it does to the disk. */
  async die() {
    const { disk, name } = this.#machine();
    this.#note(`die ${name}`);
    disk.changesLeft = this.#random.below(CHANGES_MAX);
    await this.#sleepBelow(200);
    if (!disk.isDead) disk.changesLeft = -1;
  }

  /**
   * What a disk has not synced is gone, and only the other replicas have it. Apache Kafka's rules
   * protect that while others in sync go on and the controllers learn of the loss before they learn
   * of any other: nothing else goes wrong until then.
   */
  async power() {
    const machine = this.#machine();
    if (this.#underWay > 1 || !this.#isWell() || !this.#isDispensable(machine)) return;
    this.#isHeld = true;
    this.#note(`power ${machine.name}`);
    const { brokers } = this.#world.controller.state;
    const before = brokers.get(machine.id).epoch;
    machine.losePower();
    await this.#startAgain(machine);
    while (brokers.get(machine.id).epoch === before) await this.#world.loop.sleep(LOOK_MS);
    this.#isHeld = false;
  }

  #isWell() {
    const { machines, controller } = this.#world;
    return (
      controller.isUp && machines.every(({ isUp, id }) => isUp && controller.state.isActive(id))
    );
  }

  #isDispensable({ id }) {
    const { partitions } = this.#world.controller.state;
    return partitions.every(({ isr }) => isr.some((each) => each !== id));
  }

  async stop() {
    const machine = this.#machine();
    if (!machine.isUp || this.#restarting.has(machine)) return;
    this.#note(`stop ${machine.name}`);
    this.#restarting.add(machine);
    await Promise.race([machine.stop(), this.#world.loop.sleep(STOP_MS_MAX)]);
    machine.kill();
    this.#restarting.delete(machine);
    await this.#startAgain(machine);
  }

  async pause() {
    const machine = this.#machine();
    const { process } = machine;
    if (!process.isLive) return;
    this.#note(`pause ${machine.name}`);
    process.isStopped = true;
    await this.#sleepBelow(STOPPED_MS_MAX);
    this.#note(`resume ${machine.name}`);
    this.#world.loop.resume(process);
  }

  async cut() {
    const { machines, controller, network } = this.#world;
    const one = this.#machine();
    const others = [...machines, controller].filter((each) => each !== one);
    const other = this.#random.pick(others);
    const ways = this.#random.pick(['both', 'to', 'from']);
    this.#note(`cut ${one.name} ${other.name} ${ways}`);
    if (ways !== 'from') network.cut(one, other);
    if (ways !== 'to') network.cut(other, one);
    await this.#sleepBelow(CUT_MS_MAX);
    this.#mend(one, other);
  }

  /** One broker from all others, and from the controller or not. */
  async isolate() {
    const { machines, controller, network } = this.#world;
    const one = this.#machine();
    const others = machines.filter((each) => each !== one);
    if (this.#random.chance(0.5)) others.push(controller);
    this.#note(`isolate ${one.name} ${others.length}`);
    for (const other of others) {
      network.cut(one, other);
      network.cut(other, one);
    }
    await this.#sleepBelow(CUT_MS_MAX);
    for (const other of others) this.#mend(one, other);
  }

  #mend(one, other) {
    this.#world.history.note(`mend ${one.name} ${other.name}`);
    this.#world.network.mend(one, other);
  }

  async takeOver() {
    const { controller } = this.#world;
    if (!controller.isUp) return;
    this.#note('takeOver');
    controller.kill();
    await this.#sleepBelow(DOWN_MS_MAX);
    controller.start();
  }

  async break() {
    this.#note('break');
    this.#world.network.breakOne(this.#random);
  }

  async clock() {
    const machine = this.#machine();
    this.#note(`clock ${machine.name}`);
    machine.wallOffsetMs += this.#random.between(-3_600_000, 3_600_000);
    machine.process.wallOffsetMs = machine.wallOffsetMs;
  }

  /** As ElectLeaders, and as the controllers do from time to time. */
  async elect() {
    const { controller } = this.#world;
    if (!controller.isUp) return;
    this.#note('elect');
    for (const partition of [...controller.state.partitions]) {
      controller.state.electPreferred(partition);
    }
  }

  /** After each step: a process that died in a call is buried. */
  look() {
    for (const machine of this.#world.machines) {
      if (!machine.disk.isDead || !machine.process.isLive) continue;
      machine.kill();
      this.#underWay++;
      this.#startAgain(machine).then(() => this.#underWay--);
    }
  }

  async #startAgain(machine) {
    if (this.#restarting.has(machine)) return;
    this.#restarting.add(machine);
    await this.#sleepBelow(DOWN_MS_MAX);
    this.#restarting.delete(machine);
    machine.start();
  }

  async #makeWhole() {
    const { machines, loop } = this.#world;
    for (const { disk } of machines) if (!disk.isDead) disk.changesLeft = -1;
    while (this.#restarting.size > 0) await loop.sleep(LOOK_MS);
    this.#world.isCalm = true;
    this.#world.history.note('calm');
  }
}

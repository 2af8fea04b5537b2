/** What goes wrong, and when. At the end of it the broker is whole again and stays so. */

const EVENTS_MAX = 4;
const EVENT_MS_MAX = 120;
const DOWN_MS_MAX = 60;
const FAULT_KINDS = [
  'append',
  'reserve',
  'sync',
  'write',
  'rename',
  'create',
  'truncate',
  'unlink',
];

export class Chaos {
  isOver = false;
  #world;
  #random;
  #isRestarting = false;
  /** A disk that failed once may have taken partitions offline until the next start. */
  #needsRestart = false;

  constructor(world) {
    this.#world = world;
    this.#random = world.random.fork();
  }

  get #machine() {
    return this.#world.machine;
  }

  run() {
    this.#live().catch((thrown) => {
      this.#world.history.failure ??= thrown.stack;
    });
  }

  async #live() {
    const { loop } = this.#world;
    const events = this.#random.below(EVENTS_MAX + 1);
    for (let i = 0; i < events; i++) {
      await loop.sleep(this.#random.below(EVENT_MS_MAX));
      await this.#cause();
    }
    await this.#makeWhole();
    this.isOver = true;
  }

  #cause() {
    const causes = ['kill', 'kill', 'die', 'die', 'stop', 'fail', 'full', 'descriptors', 'clock'];
    if (this.#world.losesPower) causes.push('power', 'power', 'power');
    const cause = this.#random.pick(causes);
    this.#world.history.note(`chaos ${cause}`);
    this.#world.history.count(cause);
    return this[cause]();
  }

  async kill() {
    this.#machine.kill();
    await this.#startAgain();
  }

  /** In the middle of what it does to the disk. */
  async die() {
    this.#world.disk.changesLeft = this.#random.below(40);
    await this.#world.loop.sleep(this.#random.below(100));
  }

  /** Now and then the disk fails for a while before: what was acknowledged meanwhile shows it. */
  async power() {
    if (this.#random.chance(0.4)) await this.#refuseSyncs();
    this.#machine.losePower();
    await this.#startAgain();
  }

  async #refuseSyncs() {
    const chance = this.#random.pick([0.3, 1]);
    this.#world.disk.faults.set('sync', { code: 'EIO', count: 1000, chance });
    this.#machine.hadFault = true;
    await this.#world.loop.sleep(this.#random.below(60));
  }

  async stop() {
    if (!this.#machine.isUp) return;
    await Promise.race([this.#machine.stop(), this.#world.loop.sleep(10_000)]);
    await this.#startAgain();
  }

  async fail() {
    const kind = this.#random.pick(FAULT_KINDS);
    this.#world.disk.faults.set(kind, { code: 'EIO', count: 1, chance: 0.5 });
    this.#machine.hadFault = true;
    this.#needsRestart = true;
    await this.#world.loop.sleep(this.#random.below(100));
    this.#world.disk.faults.clear();
    if (this.#random.chance(0.7)) await this.kill();
  }

  async full() {
    const { disk } = this.#world;
    this.#machine.hadFault = true;
    for (const kind of ['append', 'reserve', 'write', 'create', 'mkdir']) {
      disk.faults.set(kind, { code: 'ENOSPC', count: 1000, chance: this.#random.pick([0.1, 1]) });
    }
    await this.#world.loop.sleep(this.#random.below(150));
    disk.faults.clear();
  }

  async descriptors() {
    const { disk } = this.#world;
    this.#machine.hadFault = true;
    for (const kind of ['open', 'create']) {
      disk.faults.set(kind, { code: 'EMFILE', count: 1000, chance: this.#random.pick([0.2, 1]) });
    }
    await this.#world.loop.sleep(this.#random.below(100));
    disk.faults.clear();
  }

  async clock() {
    this.#world.loop.wallOffsetMs += this.#random.between(-3_600_000, 3_600_000);
  }

  /** After each step: a process that died in a call is buried. */
  look() {
    const { disk } = this.#world;
    if (!disk.isDead || this.#isRestarting) return;
    this.#isRestarting = true;
    const losesPower = this.#world.losesPower && this.#random.chance(0.5);
    if (losesPower) this.#machine.losePower();
    else this.#machine.kill();
    const downMs = this.#random.below(DOWN_MS_MAX);
    this.#world.loop.after(downMs, () => this.#start());
  }

  async #startAgain() {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    await this.#world.loop.sleep(this.#random.below(DOWN_MS_MAX));
    this.#start();
  }

  #start() {
    this.#isRestarting = false;
    this.#machine.hadFault = false;
    this.#needsRestart = false;
    this.#machine.start();
  }

  async #makeWhole() {
    const { disk, loop } = this.#world;
    disk.changesLeft = -1;
    disk.faults.clear();
    await loop.sleep(1);
    this.#world.isCalm = true;
    if (this.#needsRestart || this.#random.chance(0.5)) {
      if (this.#machine.isUp && this.#random.chance(0.5)) await this.stop();
      else await this.kill();
    }
  }
}

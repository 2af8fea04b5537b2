/** The helper pool without threads: its work takes simulated time. */
import { cleanLog } from '../../dist/log/compaction/cleaner.js';
import { recompress } from '../../dist/records/recompress.js';

const NOTHING = new Uint8Array(0);
const WORK_MS_MAX = 30;

export class InlinePool {
  #loop;
  #random;

  constructor(loop, random) {
    this.#loop = loop;
    this.#random = random;
  }

  #later(work) {
    return new Promise((resolve, reject) => {
      this.#loop.brokerAfter(this.#random.below(WORK_MS_MAX), () => {
        try {
          resolve(work());
        } catch (thrown) {
          reject(thrown);
        }
      });
    });
  }

  rebuild({ records, codec, levels, needsKeys, bytesMax }) {
    return this.#later(() => {
      const batch = Buffer.from(records);
      const { error, rebuilt } = recompress(batch, codec, levels, needsKeys, bytesMax, 2 ** 26);
      return { error, rebuilt: error === 0 ? new Uint8Array(rebuilt) : NOTHING };
    });
  }

  open() {
    return Promise.resolve(null);
  }

  findByTime() {
    return Promise.resolve(null);
  }

  release() {}

  run(name, task) {
    if (name !== 'clean') return Promise.reject(new Error(`no simulated helper does ${name}`));
    return this.#later(() => cleanLog(task));
  }

  close() {
    return Promise.resolve();
  }
}

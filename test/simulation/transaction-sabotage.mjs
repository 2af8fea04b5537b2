/** Brokers whose transactions are broken on purpose. */
import { OffsetStore } from '../../dist/coordination/group/offsets/offset-store.js';
import { Transaction } from '../../dist/coordination/transaction/transaction.js';
import { LogReader } from '../../dist/log/log-reader.js';
import { OpenTransactions } from '../../dist/log/transactions/open-transactions.js';
import { Partition } from '../../dist/partition/partition.js';
import { replaceMethod } from './replace-method.mjs';

const LOST_CHANCE = 0.1;

/** Replaces a method; the function that is returned puts it back. */
function replace(Kind, name, make) {
  const sound = Object.getOwnPropertyDescriptor(Kind.prototype, name);
  Object.defineProperty(Kind.prototype, name, make(sound));
  return () => Object.defineProperty(Kind.prototype, name, sound);
}

export const transactionSabotages = {
  /** The last stable offset lies behind the first open batch, not before it. */
  'inclusive-stable-offset'() {
    return replace(OpenTransactions, 'first', (sound) => ({
      ...sound,
      get() {
        const first = sound.get.call(this);
        return first?.isOpen ? first.next : first;
      },
    }));
  },

  /** A marker now and then is acknowledged and not written. */
  'lost-markers'(random) {
    return replaceMethod(Partition, 'appendMarker', (sound) => {
      return function (...words) {
        return random.chance(LOST_CHANCE) ? 0 : sound.apply(this, words);
      };
    });
  },

  /** A marker now and then says the opposite of what was decided. */
  'wrong-markers'(random) {
    return replaceMethod(Partition, 'appendMarker', (sound) => {
      return function (id, epoch, coordinatorEpoch, isCommit, ...words) {
        const decided = random.chance(LOST_CHANCE) ? !isCommit : isCommit;
        return sound.call(this, id, epoch, coordinatorEpoch, decided, ...words);
      };
    });
  },

  /** Readers are not told what was aborted. */
  'untold-aborts'() {
    return replaceMethod(LogReader, 'readAborted', (sound) => {
      return function (...words) {
        const outcome = sound.apply(this, words);
        this.aborted = [];
        return outcome;
      };
    });
  },

  /** Readers that go on are told that aborted transactions began before they did. */
  'early-aborts'() {
    return replaceMethod(LogReader, 'readAborted', (sound) => {
      return function (fetchOffset) {
        const outcome = sound.call(this, fetchOffset);
        if (fetchOffset > 0) {
          const early = this.aborted.map((each) => ({ ...each, firstOffset: fetchOffset }));
          this.aborted = [...early, ...this.aborted];
        }
        return outcome;
      };
    });
  },

  /** Offsets of open transactions are told of as if they were committed. */
  'early-offsets'() {
    return replaceMethod(OffsetStore, 'putPending', () => {
      return function (_producerId, ...words) {
        this.put(...words);
      };
    });
  },

  /** A new producer does not fence the one before it. */
  'unfenced-producers'() {
    return replaceMethod(Transaction, 'bumpEpoch', (sound) => {
      return function (...words) {
        if (this.producerEpoch < 0) sound.apply(this, words);
      };
    });
  },
};

/** Brokers that are broken on purpose: a simulator that does not find them looks at nothing. */
import { backgroundDisk, installBackgroundDisk } from '../../dist/base/background-disk.js';
import { ConsumerGroup } from '../../dist/coordination/group/consumer/consumer-group.js';
import { OffsetStore } from '../../dist/coordination/group/offsets/offset-store.js';
import { ProducerState } from '../../dist/log/producer-state.js';
import { installStorage, storage } from '../../dist/log/storage.js';
import { transactionSabotages } from './transaction-sabotage.mjs';

/** A dead process still throws at each call. */
function ignoring(sync) {
  return (fd) => {
    try {
      sync(fd);
    } catch (thrown) {
      if (thrown.code !== 'EIO') throw thrown;
    }
  };
}

/** Each breaks the broker of one run, and returns what mends it. */
export const sabotages = {
  ...transactionSabotages,

  /** A write now and then is acknowledged and not done. */
  'lost-bytes'(random) {
    const sound = storage;
    const append = (fd, source, sourceAt, length, at) =>
      random.chance(0.02) ? 0 : sound.append(fd, source, sourceAt, length, at);
    installStorage({ ...sound, append });
    return () => installStorage(sound);
  },

  /** A write of several batches now and then counts as done without its last one. */
  'short-gathered-writes'(random) {
    const sound = storage;
    const appendParts = (fd, source, parts, count, at) => {
      const isShort = count > 1 && random.chance(0.2);
      return sound.appendParts(fd, source, parts, isShort ? count - 1 : count, at);
    };
    installStorage({ ...sound, appendParts });
    return () => installStorage(sound);
  },

  /** A retry is taken for something new. */
  'forgetful-producers'() {
    const { check } = ProducerState.prototype;
    ProducerState.prototype.check = () => 0;
    return () => {
      ProducerState.prototype.check = check;
    };
  },

  /** The sync ends well before the disk has anything. */
  'lying-syncs'() {
    const sound = backgroundDisk;
    installBackgroundDisk({ ...sound, sync: () => Promise.resolve(0) });
    return () => installBackgroundDisk(sound);
  },

  /** A sync that fails counts as done. */
  'swallowed-sync-errors'() {
    const [sound, soundStorage] = [backgroundDisk, storage];
    const swallow = (sync) => (of) => sync(of).then(() => 0);
    const { sync, syncDirectory } = sound;
    installBackgroundDisk({ ...sound, sync: swallow(sync), syncDirectory: swallow(syncDirectory) });
    installStorage({ ...soundStorage, sync: ignoring(soundStorage.sync) });
    return () => {
      installBackgroundDisk(sound);
      installStorage(soundStorage);
    };
  },

  /** New files are written and synced, their names are not. */
  'unsynced-names'() {
    const [sound, soundStorage] = [backgroundDisk, storage];
    installBackgroundDisk({ ...sound, syncDirectory: () => Promise.resolve(0) });
    installStorage({ ...soundStorage, syncDirectory() {} });
    return () => {
      installBackgroundDisk(sound);
      installStorage(soundStorage);
    };
  },

  /** Each partition counts as free, whoever holds it. */
  'free-partitions'() {
    const { ownerOf } = ConsumerGroup.prototype;
    ConsumerGroup.prototype.ownerOf = () => undefined;
    return () => {
      ConsumerGroup.prototype.ownerOf = ownerOf;
    };
  },

  /** A commit now and then is acknowledged and forgotten. */
  'forgotten-commits'(random) {
    const { put } = OffsetStore.prototype;
    OffsetStore.prototype.put = function (...words) {
      if (random.chance(0.5)) put.apply(this, words);
    };
    return () => {
      OffsetStore.prototype.put = put;
    };
  },
};

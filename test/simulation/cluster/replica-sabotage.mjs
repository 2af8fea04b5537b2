/** Replicas that are broken on purpose: a simulator that does not find them looks at nothing. */
import { LeaderCopy } from '../../../dist/partition/leader-copy.js';
import { Partition } from '../../../dist/partition/partition.js';
import { InSyncReplicas } from '../../../dist/replication/in-sync-replicas.js';
import { LeaderReplication } from '../../../dist/replication/leader-replication.js';
import { replaceMethod } from '../replace-method.mjs';
import { sabotages } from '../sabotage.mjs';

/** Each breaks all brokers of one run, and returns what mends them. */
export const replicaSabotages = {
  'forgetful-producers': sabotages['forgetful-producers'],

  /** Who follows cuts its log to the high watermark that it knows, as before KIP-101. */
  'cuts-to-high-watermark'() {
    return replaceMethod(Partition, 'becomeFollower', (sound) => {
      return function (epoch) {
        const isElection = epoch > this.role.epoch;
        const isNews = sound.call(this, epoch);
        if (isNews && isElection) new LeaderCopy(this).truncateTo(this.highWatermark, Date.now());
        return isNews;
      };
    });
  },

  /** A leader acknowledges what it has itself. */
  'early-answers'() {
    return replaceMethod(LeaderReplication, 'agreedOffset', (sound) => {
      return function (durableOffset) {
        return sound.call(this, durableOffset) < 0 ? -1 : durableOffset;
      };
    });
  },

  /** A follower keeps what its leader does not have. */
  'kept-tails'() {
    return replaceMethod(LeaderCopy, 'truncateToEpoch', () => () => 0);
  },

  /** Any follower that fetches is proposed for those in sync, however far behind it is. */
  'early-expansions'() {
    return replaceMethod(LeaderReplication, 'expansion', (sound) => {
      return function (id) {
        const follower = this.follower(id);
        if (follower === null) return null;
        const { endOffset } = follower;
        follower.endOffset = Number.MAX_SAFE_INTEGER;
        const proposal = sound.call(this, id, 0);
        follower.endOffset = endOffset;
        return proposal;
      };
    });
  },

  /** A replica that is proposed does not count before the controllers have agreed. */
  'late-counting'() {
    return replaceMethod(InSyncReplicas, 'propose', (sound) => {
      return function (replicas) {
        const proposal = sound.call(this, replicas);
        this.maximal = this.committed;
        return proposal;
      };
    });
  },

  /** One that is to leave does not count any more, although the controllers have not agreed. */
  'early-leaving'() {
    return replaceMethod(InSyncReplicas, 'propose', (sound) => {
      return function (replicas) {
        const proposal = sound.call(this, replicas);
        this.maximal = replicas.map(({ id }) => id);
        return proposal;
      };
    });
  },
};

import { beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { ReplicaThrottle } from '../../../src/front/partitions/replica-throttle.ts';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { ImageView } from '../../metadata/image-view.ts';

const NODE = 1;
const RATE = 'leader.replication.throttled.rate';
const REPLICAS = 'leader.replication.throttled.replicas';

let view: ImageView;
let metadata: { config: BrokerConfig; readonly image: ImageView['image'] };
let clock: ManualClock;
let throttle: ReplicaThrottle;

beforeEach(() => {
  view = new ImageView(
    { type: 'cluster', clusterId: 'c', nodeId: NODE, brokerEpoch: 1 },
    { type: 'topic', name: 'orders', id: 'O', partitions: 3, replicas: [NODE, 2], configs: [] },
  );
  metadata = {
    config: BrokerConfig.of(),
    get image() {
      return view.image;
    },
  };
  clock = new ManualClock(0);
  throttle = new ReplicaThrottle('leader', metadata, clock);
});

function setRate(bytesPerSecond: number): void {
  metadata.config = metadata.config.withDynamic(new Map(), new Map([[RATE, `${bytesPerSecond}`]]));
}

function nameReplicas(text: string): void {
  view.apply({ type: 'topic-config', id: 'O', changes: [[REPLICAS, text]] });
}

const concerned = () => [0, 1, 2].filter((index) => throttle.concerns('O', index));

it('concerns nobody where there is no rate, or no replica is named', () => {
  nameReplicas('*');
  expect(concerned()).toEqual([]);
  throttle.count(1e9);
  expect(throttle.isExceeded).toBe(false);
  nameReplicas('');
  setRate(1000);
  expect(concerned()).toEqual([]);
});

it('concerns the replicas of this node that the topic names', () => {
  setRate(1000);
  nameReplicas('0:1,1:2,2:1');
  expect(concerned()).toEqual([0, 2]);
  nameReplicas('*');
  expect(concerned()).toEqual([0, 1, 2]);
  expect(throttle.concerns('gone', 0)).toBe(false);
});

it('is exceeded by a burst, until the rate is back', () => {
  setRate(1000);
  throttle.count(900);
  expect(throttle.isExceeded).toBe(false);
  throttle.count(2100);
  expect(throttle.isExceeded).toBe(true);
  clock.advance(2900);
  expect(throttle.isExceeded).toBe(true);
  clock.advance(200);
  expect(throttle.isExceeded).toBe(false);
  setRate(10);
  expect(throttle.isExceeded).toBe(true);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { BrokerLifecycle } from '../../../src/cluster/membership/broker-lifecycle.ts';
import type { MemberState } from '../../../src/cluster/membership/member-state.ts';
import type { ActiveController } from '../../../src/cluster/quorum/active-controller.ts';
import type { BrokerRegistrationRequest } from '../../../src/protocol/schema/62-broker-registration.ts';
import type { BrokerHeartbeatRequest } from '../../../src/protocol/schema/63-broker-heartbeat.ts';

const REGISTRATION = {
  clusterId: 'the-cluster',
  nodeId: 9,
  incarnationId: 'AAAAAAAAAAAAAAAAAAAACQ',
  listeners: [{ name: 'PLAINTEXT', host: 'here', port: 1, securityProtocol: 0 }],
  features: [{ name: 'metadata.version', minVersion: 7, maxVersion: 30 }],
  rack: null,
  directoryIds: ['AAAAAAAAAAAAAAAAAAAADQ'],
  previousEpoch: 3,
};
const UP = { errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: false };

let states: [MemberState, number][];
let registered: BrokerRegistrationRequest[];
let heartbeats: [lateMs: number, answerMs: number][];
let heard: BrokerHeartbeatRequest[];
let register: () => object;
let hear: (asked: BrokerHeartbeatRequest) => object;
let stop: AbortController;
let lifecycle: BrokerLifecycle;
let running: Promise<void>;

/** `register` and `hear` answer what the broker asks. */
const controller = {
  async ask({ body }: { body: unknown }) {
    if ('incarnationId' in (body as object)) {
      registered.push(body as BrokerRegistrationRequest);
      return register() as never;
    }
    heard.push(body as BrokerHeartbeatRequest);
    return hear(body as BrokerHeartbeatRequest) as never;
  },
};

function begin(): void {
  lifecycle = new BrokerLifecycle({
    registration: REGISTRATION,
    controller: controller as Pick<ActiveController, 'ask'>,
    heartbeatMs: 2,
    sessionMs: 30,
    dirFailureMs: 20,
    sink: {
      onMember: (state, epoch) => states.push([state, epoch]),
      onHeartbeat: (...times) => heartbeats.push(times),
    },
    logger: silentLogger,
  });
  running = lifecycle.run(stop.signal);
}

const lastState = () => states.at(-1)?.[0];

beforeEach(() => {
  states = [];
  registered = [];
  heard = [];
  heartbeats = [];
  stop = new AbortController();
  register = () => ({ errorCode: 0, brokerEpoch: 40 });
  hear = ({ wantFence, wantShutDown }) => {
    return { ...UP, isFenced: wantFence, shouldShutDown: wantShutDown };
  };
});

afterEach(async () => {
  stop.abort();
  await Promise.allSettled([running]);
});

test('registers, catches up, and is unfenced once it wants to be', async () => {
  hear = ({ currentMetadataOffset, wantFence }) => {
    return { ...UP, isCaughtUp: currentMetadataOffset >= 40, isFenced: wantFence };
  };
  begin();
  await expect.poll(() => heard.length).toBeGreaterThan(2);
  expect(states).toEqual([['registered', 40]]);
  expect(registered).toMatchObject([{ brokerId: 9, previousBrokerEpoch: 3, rack: null }]);
  expect(heard[0]).toMatchObject({ brokerEpoch: 40, currentMetadataOffset: -1, wantFence: true });
  lifecycle.published(41, 29);
  await expect.poll(lastState).toBe('caught-up');
  expect(heard.at(-1)!.cordonedLogDirs).toBe(null);
  lifecycle.unfence();
  await expect.poll(lastState).toBe('unfenced');
  expect(heard.at(-1)).toMatchObject({ currentMetadataOffset: 41, wantFence: false });
});

test('tells of each heartbeat how late it left and how long its answer took', async () => {
  begin();
  lifecycle.unfence();
  await expect.poll(lastState).toBe('unfenced');
  expect(heartbeats).toHaveLength(heard.length);
  expect(heartbeats.flat().every((ms) => ms >= 0)).toBe(true);
  const blockThread = () => {
    const untilMs = performance.now() + 30;
    while (performance.now() < untilMs);
  };
  hear = () => {
    blockThread();
    return UP;
  };
  await expect.poll(() => heartbeats.at(-1)![1]).toBeGreaterThanOrEqual(30);
  hear = () => {
    setImmediate(blockThread);
    return UP;
  };
  await expect.poll(() => heartbeats.at(-1)![0]).toBeGreaterThanOrEqual(20);
});

test('tells which directories get no replicas where the metadata know of such', async () => {
  begin();
  lifecycle.published(41, 30);
  await expect.poll(() => heard.at(-1)?.cordonedLogDirs).toEqual([]);
});

test('registers again where the controllers know it no more', async () => {
  begin();
  lifecycle.unfence();
  await expect.poll(lastState).toBe('unfenced');
  register = () => ({ errorCode: 0, brokerEpoch: 50 });
  hear = ({ brokerEpoch }) => {
    return brokerEpoch === 50 ? UP : { ...UP, errorCode: ERROR.BROKER_ID_NOT_REGISTERED };
  };
  await expect.poll(lastState).toBe('unfenced');
  await expect.poll(() => states.at(-1)).toEqual(['unfenced', 50]);
  expect(states.map(([state]) => state)).toContain('fenced');
});

test('waits while another run of it is in session, and ends where it is refused for good', async () => {
  const answers = [ERROR.DUPLICATE_BROKER_REGISTRATION, ERROR.INCONSISTENT_CLUSTER_ID];
  register = () => ({ errorCode: answers.shift()!, brokerEpoch: -1 });
  begin();
  await expect(running).rejects.toThrow('do not take broker 9: INCONSISTENT_CLUSTER_ID');
  expect(registered).toHaveLength(2);
});

test('leaves once the controllers allow it', async () => {
  let mayStop = false;
  hear = ({ wantShutDown }) => ({ ...UP, shouldShutDown: wantShutDown && mayStop });
  begin();
  lifecycle.unfence();
  await expect.poll(lastState).toBe('unfenced');
  lifecycle.leave();
  await expect.poll(() => heard.at(-1)!.wantShutDown).toBe(true);
  expect(lastState()).toBe('unfenced');
  mayStop = true;
  await running;
  expect(lastState()).toBe('may-stop');
});

test('leaves at once where nobody counts on it, and after a session where nobody answers', async () => {
  begin();
  await expect.poll(lastState).toBe('caught-up');
  lifecycle.leave();
  expect(lastState()).toBe('may-stop');
  await running;
  begin();
  lifecycle.unfence();
  await expect.poll(lastState).toBe('unfenced');
  hear = () => {
    throw new Error('nobody is there');
  };
  lifecycle.leave();
  await running;
  expect(lastState()).toBe('may-stop');
});

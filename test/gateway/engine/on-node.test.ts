/** What the gateway promises, on the engine that needs nothing but Node. */
import { beforeAll, describe } from 'vitest';
import { useEngine } from '../gateway-fixture.ts';

beforeAll(() => useEngine('node'));

describe('on the engine of Node', () => {
  describe('faults', async () => void (await import('../socket/faults.test.ts')));
  describe('flow control', async () => void (await import('../socket/flow-control.test.ts')));
  describe('frames', async () => void (await import('../socket/frames.test.ts')));
  describe('life', async () => void (await import('../socket/life.test.ts')));
  describe('limits', async () => void (await import('../socket/limits.test.ts')));
  describe('produce', async () => void (await import('../socket/produce.test.ts')));
  describe('resume', async () => void (await import('../socket/resume.test.ts')));
  describe('subscribe', async () => void (await import('../socket/subscribe.test.ts')));
  describe('streams', async () => void (await import('../http/streams.test.ts')));
  describe('page', async () => void (await import('../page/page.test.ts')));
});

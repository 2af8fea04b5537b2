import { expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { codecFor } from '../../../src/protocol/api-registry.ts';
import { GroupWarmUp } from '../../../src/worker/groups/group-warm-up.ts';

test('plays a group of both protocols through without an error', () => {
  const asked: unknown[] = [];
  const { response } = codecFor(API.OFFSET_FETCH);
  const encoder = response.encoder.bind(response);
  response.encoder = (version) => (writer, body) => {
    asked.push(body.groups.length + body.topics.length);
    encoder(version)(writer, body);
  };
  const warmUp = new GroupWarmUp(0);
  let steps = 0;
  while (!warmUp.isDone) {
    warmUp.step();
    steps++;
  }
  response.encoder = encoder;
  expect(steps).toBe(9);
  expect(asked).toEqual([1, 1, 1, 1]);
});

import { expect, it } from 'vitest';
import type { LeaderPeers } from '../../../src/front/replicas/leader-peers.ts';
import { LeaderQuestions } from '../../../src/front/replicas/leader-questions.ts';
import type { ReplicaServices } from '../../../src/front/replicas/replica-services.ts';
import { FETCH_SETTINGS } from './follower-stage.ts';
import { refusal } from './scripted-leader.ts';

it('a leader answers at once where more partitions are to be named', async () => {
  const waits: unknown[] = [];
  const peers: LeaderPeers = {
    async ask(_nodeId, _apiKey, body) {
      waits.push((body(18) as { maxWaitMs: number }).maxWaitMs);
      return refusal(0) as never;
    },
    drop() {},
    close() {},
  };
  const settings = { ...FETCH_SETTINGS, waitMaxMs: 300 };
  const services = { nodeId: 1, brokerEpoch: () => 7, metadataVersion: () => 30, settings, peers };
  const questions = new LeaderQuestions(2, services as unknown as ReplicaServices);
  const request = { sessionId: 5, sessionEpoch: 1, asked: [], forgotten: [] };
  await questions.fetch({ ...request, isPart: true });
  await questions.fetch({ ...request, isPart: false });
  expect(waits).toEqual([0, 300]);
});

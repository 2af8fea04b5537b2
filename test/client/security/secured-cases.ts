import { afterAll, beforeAll } from 'vitest';
import type { SecuredCluster } from '../../support/secured-cluster.ts';
import { aclCases } from './acl-cases.ts';
import { bearerCases } from './bearer-cases.ts';
import { delegationCases } from './delegation-cases.ts';
import { passwordCases } from './password-cases.ts';
import { reauthenticationCases } from './reauthentication-cases.ts';
import { scramCases } from './scram-cases.ts';
import { setUp } from './set-up.ts';
import { tlsCases } from './tls-cases.ts';

/** All that a client can do at a broker that asks who it is. */
export function securedCases(start: () => Promise<SecuredCluster>): void {
  let cluster: SecuredCluster;
  const started = () => cluster;

  beforeAll(async () => {
    cluster = await start();
    await setUp(cluster);
  }, 120_000);

  afterAll(() => cluster?.[Symbol.asyncDispose]());

  tlsCases(started);
  passwordCases(started);
  reauthenticationCases(started);
  scramCases(started);
  aclCases(started);
  bearerCases(started);
  delegationCases(started);
}

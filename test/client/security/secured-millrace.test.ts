import { afterAll, beforeAll, describe } from 'vitest';
import { SecuredCluster } from '../../support/secured-cluster.ts';
import { aclCases } from './acl-cases.ts';
import { passwordCases } from './password-cases.ts';
import { reauthenticationCases } from './reauthentication-cases.ts';
import { scramCases } from './scram-cases.ts';
import { setUp } from './set-up.ts';
import { tlsCases } from './tls-cases.ts';

let cluster: SecuredCluster;

describe('the client and a secured millrace', () => {
  beforeAll(async () => {
    cluster = await SecuredCluster.millrace();
    await setUp(cluster);
  });

  afterAll(() => cluster?.[Symbol.asyncDispose]());

  tlsCases(() => cluster);
  passwordCases(() => cluster);
  reauthenticationCases(() => cluster);
  scramCases(() => cluster);
  aclCases(() => cluster);
});

import { afterAll, beforeAll, describe } from 'vitest';
import { SecuredCluster } from '../../support/secured-cluster.ts';
import { aclCases } from './acl-cases.ts';
import { bearerCases } from './bearer-cases.ts';
import { delegationCases } from './delegation-cases.ts';
import { passwordCases } from './password-cases.ts';
import { reauthenticationCases } from './reauthentication-cases.ts';
import { scramCases } from './scram-cases.ts';
import { setUp } from './set-up.ts';
import { tlsCases } from './tls-cases.ts';

/** Apache Kafka takes a process of Java, so that it is started only on demand. */
const isWanted = process.env.MILLRACE_TEST_SECURED_KAFKA === '1';
const TITLE = 'the client and a secured Apache Kafka';

let cluster: SecuredCluster;

describe.skipIf(!isWanted)(`${TITLE} (with MILLRACE_TEST_SECURED_KAFKA=1)`, () => {
  beforeAll(async () => {
    cluster = await SecuredCluster.kafka();
    await setUp(cluster);
  }, 120_000);

  afterAll(() => cluster?.[Symbol.asyncDispose]());

  tlsCases(() => cluster);
  passwordCases(() => cluster);
  reauthenticationCases(() => cluster);
  scramCases(() => cluster);
  aclCases(() => cluster);
  bearerCases(() => cluster);
  delegationCases(() => cluster);
});

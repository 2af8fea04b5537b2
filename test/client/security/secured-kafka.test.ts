import { describe } from 'vitest';
import { SecuredCluster } from '../../support/secured-cluster.ts';
import { securedCases } from './secured-cases.ts';

/** Apache Kafka takes a process of Java, so that it is started only on demand. */
const isWanted = process.env.MILLRACE_TEST_SECURED_KAFKA === '1';
const TITLE = 'the client and a secured Apache Kafka';

describe.skipIf(!isWanted)(`${TITLE} (with MILLRACE_TEST_SECURED_KAFKA=1)`, () => {
  securedCases(() => SecuredCluster.kafka());
});

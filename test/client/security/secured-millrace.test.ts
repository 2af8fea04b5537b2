import { describe } from 'vitest';
import { SecuredCluster } from '../../support/secured-cluster.ts';
import { securedCases } from './secured-cases.ts';

describe('the client and a secured millrace', () => {
  securedCases(() => SecuredCluster.millrace());
});

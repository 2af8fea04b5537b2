import { ERROR } from '../../base/kafka-errors.ts';
import type { MetadataImage } from '../../metadata/image.ts';
import { SCRAM_MECHANISM, SCRAM_MECHANISMS, scramKey } from '../../metadata/scram-credential.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult,
} from '../../protocol/schema/50-describe-user-scram-credentials.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';

type Result = DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult;

/** Kafka's words for nothing that is wrong. */
const NO_ERROR = { errorCode: ERROR.NONE, errorMessage: '' };

/** DescribeUserScramCredentials (50), version 0: which users have a password, and not which. */
export const describeUserScramCredentials: Handler<
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  'metadata' | 'rights'
> = {
  key: API.DESCRIBE_USER_SCRAM_CREDENTIALS,
  versions: '0',
  needs: [forRequest('DESCRIBE', 'CLUSTER')],
  handle(request, call, { metadata: { image }, rights }) {
    const named = (request.users ?? []).map(({ name }) => name);
    if (!rights.allowsOnCluster(call, 'DESCRIBE')) {
      const results = named.map((user) => ({ user, ...CLUSTER_DENIED, credentialInfos: [] }));
      return { ...CLUSTER_DENIED, results };
    }
    const repeated = new Set(named.filter((name, at) => named.indexOf(name) !== at));
    const users = named.length > 0 ? new Set(named) : usersOf(image);
    const results = [...users].map((user) => {
      return repeated.has(user) ? namedTwice(user) : resultOf(user, image);
    });
    return { ...NO_ERROR, results };
  },
};

function usersOf(image: MetadataImage): Set<string> {
  const users = new Set<string>();
  for (const { user } of image.scramCredentials.values()) users.add(user);
  return users;
}

function namedTwice(user: string): Result {
  const what = 'Cannot describe SCRAM credentials for the same user twice in a single request';
  const errorMessage = `${what}: ${user}`;
  return { user, errorCode: ERROR.DUPLICATE_RESOURCE, errorMessage, credentialInfos: [] };
}

function resultOf(user: string, image: MetadataImage): Result {
  const credentialInfos = SCRAM_MECHANISMS.flatMap((name) => {
    const credential = image.scramCredentials.get(scramKey(user, name));
    if (credential === undefined) return [];
    return [{ mechanism: SCRAM_MECHANISM[name], iterations: credential.iterations }];
  });
  if (credentialInfos.length > 0) {
    return { user, ...NO_ERROR, credentialInfos };
  }
  const errorMessage = `Attempt to describe a user credential that does not exist: ${user}`;
  return { user, errorCode: ERROR.RESOURCE_NOT_FOUND, errorMessage, credentialInfos };
}

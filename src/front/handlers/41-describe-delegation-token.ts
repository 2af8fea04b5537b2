import type { DelegationToken } from '../../metadata/delegation-token.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  DescribeDelegationTokenResponseDescribedDelegationToken,
} from '../../protocol/schema/41-describe-delegation-token.ts';
import type { TokenSecrets } from '../../security/tokens/token-secrets.ts';
import type { Handler } from '../requests/handler.ts';
import { anyOf, toSee } from '../requests/needed-action.ts';
import { errorOfTokenRequest, partsOf, requesterOf, requesterParts } from './token-requests.ts';

/** DescribeDelegationToken (41), versions 1 to 3. Who may see a token sees its secret too. */
export const describeDelegationToken: Handler<
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  'metadata' | 'rights' | 'tokens'
> = {
  key: API.DESCRIBE_DELEGATION_TOKEN,
  versions: '1-3',
  needs: [anyOf(toSee('DESCRIBE', 'DELEGATION_TOKEN'), toSee('DESCRIBE_TOKENS', 'USER'))],
  handle({ owners }, call, { metadata, rights, tokens }) {
    const refusal = errorOfTokenRequest(call, tokens);
    if (refusal !== 0) return { errorCode: refusal, tokens: [] };
    const requester = requesterOf(call);
    const asked = owners?.map(({ principalType, principalName }) => {
      return `${principalType}:${principalName}`;
    });
    const mayDescribe = ({ id, owner }: DelegationToken) =>
      rights.allows(call, 'DESCRIBE', 'DELEGATION_TOKEN', id) ||
      rights.allows(call, 'DESCRIBE_TOKENS', 'USER', owner);
    const visible = [...metadata.image.delegationTokens.values()].filter((token) => {
      const parties = [token.owner, token.requester, ...token.renewers];
      // Kafka counts renewers as owners here.
      if (asked?.some((each) => parties.includes(each)) === false) return false;
      return parties.includes(requester) || mayDescribe(token);
    });
    return {
      errorCode: 0,
      tokens: visible.map((token) => described(call.apiVersion, token, tokens!)),
    };
  },
};

function described(
  version: number,
  token: DelegationToken,
  secrets: TokenSecrets,
): DescribeDelegationTokenResponseDescribedDelegationToken {
  return {
    ...partsOf(token.owner),
    ...requesterParts(version, token.requester),
    issueTimestamp: token.issuedMs,
    expiryTimestamp: token.expiryMs,
    maxTimestamp: token.maxMs,
    tokenId: token.id,
    hmac: secrets.secretOf(token.id),
    renewers: token.renewers.map(partsOf),
  };
}

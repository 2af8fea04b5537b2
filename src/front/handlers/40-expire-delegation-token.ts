import { API } from '../../protocol/api-keys.ts';
import type {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../protocol/schema/40-expire-delegation-token.ts';
import type { Handler } from '../requests/handler.ts';
import { changeBySecret } from './token-requests.ts';

/** ExpireDelegationToken (40), versions 1 to 2: its owner and its renewers may ask for it. */
export const expireDelegationToken: Handler<
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  'changes' | 'tokens'
> = {
  key: API.EXPIRE_DELEGATION_TOKEN,
  versions: '1-2',
  needs: [],
  handle({ hmac, expiryTimePeriodMs }, call, services) {
    return changeBySecret('expire', hmac, expiryTimePeriodMs, call, services);
  },
};

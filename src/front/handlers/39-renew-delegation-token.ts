import { API } from '../../protocol/api-keys.ts';
import type {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../protocol/schema/39-renew-delegation-token.ts';
import type { Handler } from '../requests/handler.ts';
import { changeBySecret } from './token-requests.ts';

/** RenewDelegationToken (39), versions 1 to 2: its owner and its renewers may ask for it. */
export const renewDelegationToken: Handler<
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
  'changes' | 'tokens'
> = {
  key: API.RENEW_DELEGATION_TOKEN,
  versions: '1-2',
  needs: [],
  handle({ hmac, renewPeriodMs }, call, services) {
    return changeBySecret('renew', hmac, renewPeriodMs, call, services);
  },
};

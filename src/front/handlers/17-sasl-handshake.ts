import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../../protocol/schema/17-sasl-handshake.ts';
import type { Handler } from '../requests/handler.ts';
import { refusedLater } from '../requests/sasl-refusal.ts';

/** The version whose tokens travel in SaslAuthenticate. Those of version 0 are bare frames. */
const REQUESTS_SINCE = 1;

/** SaslHandshake (17), versions 0 to 1: the client chooses a mechanism. */
export const saslHandshake: Handler<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: API.SASL_HANDSHAKE,
  versions: '0-1',
  needs: [],
  handle({ mechanism }, call) {
    const { sasl } = call.connection;
    if (sasl === null || sasl.isDone) {
      return { errorCode: ERROR.ILLEGAL_SASL_STATE, mechanisms: [] };
    }
    const mechanisms = sasl.mechanismNames;
    if (sasl.choose(mechanism, call.apiVersion >= REQUESTS_SINCE)) {
      return { errorCode: ERROR.NONE, mechanisms };
    }
    const reason = `asked for SASL mechanism ${JSON.stringify(mechanism.slice(0, 40))}`;
    const response = { errorCode: ERROR.UNSUPPORTED_SASL_MECHANISM, mechanisms };
    return refusedLater(call, reason, response);
  },
};

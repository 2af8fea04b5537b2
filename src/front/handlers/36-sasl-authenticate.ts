import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from '../../protocol/schema/36-sasl-authenticate.ts';
import type { Handler } from '../requests/handler.ts';
import { refusedLater } from '../requests/sasl-refusal.ts';

const NO_BYTES = Buffer.alloc(0);

/** SaslAuthenticate (36), versions 0 to 2: one message of the mechanism's exchange. */
export const saslAuthenticate: Handler<SaslAuthenticateRequest, SaslAuthenticateResponse, 'audit'> =
  {
    key: API.SASL_AUTHENTICATE,
    versions: '0-2',
    needs: [],
    async handle({ authBytes }, call, { audit }) {
      const { connection } = call;
      const { sasl } = connection;
      if (sasl === null || sasl.isDone) {
        const message = 'SaslAuthenticate request received after successful authentication';
        return failure(ERROR.ILLEGAL_SASL_STATE, message);
      }
      const outcome = await connection.authenticate(authBytes);
      if (outcome.kind === 'failed') {
        const { message, isSilent } = outcome;
        audit.failedToAuthenticate(call, message);
        const refusal = failure(ERROR.SASL_AUTHENTICATION_FAILED, message);
        if (!isSilent) return refusedLater(call, message, refusal);
        call.cut(`failed to authenticate: ${message}`);
        return refusal;
      }
      return {
        errorCode: ERROR.NONE,
        errorMessage: null,
        authBytes: outcome.bytes,
        sessionLifetimeMs: outcome.kind === 'done' ? outcome.lifetimeMs : 0,
      };
    },
  };

function failure(errorCode: number, errorMessage: string): SaslAuthenticateResponse {
  return { errorCode, errorMessage, authBytes: NO_BYTES, sessionLifetimeMs: 0 };
}

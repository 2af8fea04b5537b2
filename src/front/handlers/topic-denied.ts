import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';

/** The error of a topic that the client lacks the right on. */
export const TOPIC_DENIED = {
  errorCode: ERROR.TOPIC_AUTHORIZATION_FAILED as number,
  errorMessage: errorMessage(ERROR.TOPIC_AUTHORIZATION_FAILED),
};

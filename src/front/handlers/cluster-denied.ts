import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';

/** The error of an answer to a client that lacks the right on the cluster. */
export const CLUSTER_DENIED = {
  errorCode: ERROR.CLUSTER_AUTHORIZATION_FAILED as number,
  errorMessage: errorMessage(ERROR.CLUSTER_AUTHORIZATION_FAILED) as string | null,
};

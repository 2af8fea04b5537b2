import { ERROR } from '../../base/kafka-errors.ts';

/** Whether the controller that answered does not lead any more. */
export function isElsewhere({ errorCode }: { readonly errorCode: number }): boolean {
  return errorCode === ERROR.NOT_CONTROLLER;
}

/** The authorized operations in an answer to a request that did not ask for them. */
export const OPERATIONS_NOT_ASKED = -(2 ** 31);

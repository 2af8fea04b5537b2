/** In place of a verification's guard (KIP-890): nobody must be asked, or nobody was. */
export const NO_GUARD = 0;

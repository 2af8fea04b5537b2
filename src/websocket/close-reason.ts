export interface CloseReason {
  readonly reason: string;
  readonly retry: boolean;
}

/** Close codes of the standard after which another try meets the same. */
const FINAL_CODES = [1002, 1003, 1007, 1009, 1010];

/** The broker says whether to come back. If it says nothing, coming back is worth a try. */
export function closeReason(code: number, text: string): CloseReason {
  const told = text.startsWith('{') ? parse(text) : undefined;
  return {
    reason: told?.reason ?? (text === '' ? `code ${code}` : text),
    retry: told?.retry ?? !FINAL_CODES.includes(code),
  };
}

function parse(text: string): { reason?: string; retry?: boolean } | undefined {
  try {
    return JSON.parse(text) as { reason?: string; retry?: boolean };
  } catch {
    return undefined; // a proxy wrote it, not the broker
  }
}

/** Why a socket is closed. The close frame carries the reason as JSON. */
export interface CloseCode {
  readonly status: number;
  readonly code: string;
  readonly retry: boolean;
}

export const CLOSE = {
  GOING_AWAY: { status: 1001, code: 'going_away', retry: true },
  NOT_SUPPORTED: { status: 1003, code: 'not_supported', retry: false },
  TOO_BIG: { status: 1009, code: 'too_big', retry: false },
  INTERNAL: { status: 1011, code: 'internal', retry: true },
  PROTOCOL: { status: 4000, code: 'protocol', retry: false },
  UNAUTHENTICATED: { status: 4001, code: 'unauthenticated', retry: false },
  EXPIRED: { status: 4002, code: 'expired', retry: false },
  REVOKED: { status: 4003, code: 'revoked', retry: false },
  SLOW: { status: 4008, code: 'slow', retry: true },
  IDLE: { status: 4009, code: 'idle', retry: true },
  FAILED: { status: 4010, code: 'failed', retry: true },
  TOO_MANY_SOCKETS: { status: 4013, code: 'too_many_sockets', retry: true },
  RATE: { status: 4029, code: 'rate', retry: true },
} as const satisfies Record<string, CloseCode>;

/** RFC 6455 leaves 123 bytes for the reason. A longer text is cut. */
const REASON_BYTES_MAX = 123;

export function closeReason(close: CloseCode, reason: string): string {
  let words = reason;
  for (;;) {
    const text = JSON.stringify({ code: close.code, reason: words, retry: close.retry });
    if (Buffer.byteLength(text) <= REASON_BYTES_MAX || words === '') return text;
    words = words.slice(0, Math.max(0, words.length - 8));
  }
}

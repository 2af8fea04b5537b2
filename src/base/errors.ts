/**
 * Errors for operators and embedders. Wire errors are numbers and live in kafka-errors.ts;
 * the two are never mixed.
 */
export type MillraceErrorCode =
  | 'MILLRACE_ASSERTION'
  | 'MILLRACE_BAD_ARGUMENT'
  | 'MILLRACE_BAD_CONFIG'
  | 'MILLRACE_CONNECTION'
  | 'MILLRACE_CORRUPT'
  | 'MILLRACE_DATA_DIR'
  | 'MILLRACE_NATIVE'
  | 'MILLRACE_PROTOCOL'
  | 'MILLRACE_REQUEST_FAILED'
  | 'MILLRACE_STORAGE'
  | 'MILLRACE_WORKER_DIED';

/** What a broker or a gateway client throws at whoever runs it. */
export class MillraceError extends Error {
  /** Says what is wrong; programs act on it, since messages may change. */
  readonly code: MillraceErrorCode;

  constructor(code: MillraceErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'MillraceError';
    this.code = code;
  }
}

/** The text of anything that was thrown, for log lines and wire error messages. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * The system error code ('ENOSPC', 'EIO', ...) of anything that was thrown, '' where it has none.
 */
export function systemCodeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}

/** An error that the operating system returned, such as ENOSPC. The broker has no defect. */
export function isSystemError(thrown: unknown): boolean {
  return /^E[A-Z0-9]+$/.test(systemCodeOf(thrown));
}

/** Malformed bytes. Their writer is at fault; the broker has no defect. */
export function isCorrupt(thrown: unknown): boolean {
  return thrown instanceof MillraceError && thrown.code === 'MILLRACE_CORRUPT';
}

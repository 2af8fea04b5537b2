export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
  readonly failed?: readonly { readonly partition: number; readonly code: string }[];
}

/** Why the broker refused a command, or why the connection is gone. */
export class GatewayError extends Error {
  /** Kafka's name of the error, or one of the gateway's own. */
  readonly code: string;
  /** Whether the same command may succeed later. */
  readonly retry: boolean;
  /** The partitions of a produce that appended nothing. */
  readonly failed: readonly { readonly partition: number; readonly code: string }[];

  constructor(code: string, message: string, retry: boolean, failed: GatewayError['failed'] = []) {
    super(message);
    this.name = 'GatewayError';
    this.code = code;
    this.retry = retry;
    this.failed = failed;
  }

  /** The error that a message of the broker tells of. */
  static of({ code, message, retry, failed }: ErrorMessage): GatewayError {
    return new GatewayError(code, message, retry, failed);
  }
}

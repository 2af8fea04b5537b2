/** The errors of commands by code, and whether trying again may help: see the README. */
export const COMMAND_ERRORS = {
  bad_json: false,
  unknown_command: false,
  bad_value: false,
  unknown_topic: false,
  unknown_partition: false,
  unknown_subscription: false,
  subscription_exists: false,
  too_many_subscriptions: false,
  forbidden: false,
  unauthenticated: false,
  bad_token: false,
  bad_batch: false,
  produce_failed: false,
  busy: true,
  unavailable: true,
  group_failed: false,
  internal: true,
} as const;

export type CommandErrorCode = keyof typeof COMMAND_ERRORS;

export class CommandError extends Error {
  readonly code: CommandErrorCode;
  /** The path of the field at fault; '' if no field is. */
  readonly field: string;
  readonly retry: boolean;
  /** Further fields of the answer. */
  details: Readonly<Record<string, unknown>> = {};

  /** For a client that was not let in. */
  static notLetIn({ code, reason }: { readonly code: string; readonly reason: string }) {
    return new CommandError(code === 'busy' ? 'busy' : 'unauthenticated', reason);
  }

  constructor(
    code: CommandErrorCode,
    message: string,
    field = '',
    retry: boolean = COMMAND_ERRORS[code],
  ) {
    super(message);
    this.code = code;
    this.field = field;
    this.retry = retry;
  }
}

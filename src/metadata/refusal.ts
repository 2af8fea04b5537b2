/** Why an operation was refused; `NONE` with no message when it was not. */
export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
}

export function refusal(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}

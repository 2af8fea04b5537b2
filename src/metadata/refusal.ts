/** Why an operation was refused. */
export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
}

export function refusal(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}

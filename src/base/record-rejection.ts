/** Which records made a partition refuse their batch (KIP-467), as the client is told. */
export interface RecordRejection {
  /** A wire error code. */
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly recordErrors: readonly {
    readonly batchIndex: number;
    readonly batchIndexErrorMessage: string;
  }[];
}

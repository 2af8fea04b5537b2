/** Who owns a credential, and until when in wall time. */
export interface CredentialOwner {
  readonly user: string;
  /** The mechanism of SASL that the credential is of. */
  readonly mechanism: string;
  readonly endsMs: number;
}

/** Says whose a password or a token is. Null where it is not right. */
export interface CredentialCheck {
  /** `busy` where it cannot be said now. */
  password(user: string, password: string): Promise<CredentialOwner | 'busy' | null>;
  token(token: string): Promise<CredentialOwner | null>;
}

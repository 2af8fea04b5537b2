/** What the server says to one message of a client. */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly bytes: Buffer }
  | {
      readonly kind: 'done';
      readonly bytes: Buffer;
      readonly user: string;
      /** Wall time at which the credential ends; null where it does not. */
      readonly credentialEndsMs: number | null;
      /** The delegation token that stood for the user, where one did. */
      readonly tokenId?: string;
    }
  /** Without a message the client learns only that its credentials are not valid. */
  | { readonly kind: 'failed'; readonly message: string | null };

/** The server's side of one exchange of a SASL mechanism. It serves one client once. */
export interface SaslServer {
  /** The token is valid until this returns. */
  answer(token: Buffer): SaslStep | Promise<SaslStep>;
}

/** A mechanism as one listener offers it. */
export interface SaslMechanism {
  readonly name: string;
  /** Sessions end after this time and must authenticate again; 0 sets no end. */
  readonly sessionMsMax: number;
  open(): SaslServer;
}

export function failedStep(message: string | null = null): SaslStep {
  return { kind: 'failed', message };
}

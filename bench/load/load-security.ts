/** How the connections of a load are secured. */
export interface LoadSecurity {
  /** What is trusted, as PEM; null: without TLS. */
  readonly ca: string | null;
  /** Null: nobody logs in. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

export const NO_SECURITY: LoadSecurity = { ca: null, login: null };

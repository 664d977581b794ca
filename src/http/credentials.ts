/** Identifies the user of a request from its headers or from a socket's connectionParams. Throws if there is none. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, unknown>>;
}

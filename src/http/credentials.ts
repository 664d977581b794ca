/** Who sends a request, from its headers or from a socket's connectionParams. Throws when nobody that may. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, unknown>>;
}

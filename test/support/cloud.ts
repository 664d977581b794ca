/** A store of objects of somebody else's, for one test. */
export interface Cloud {
  /** `127.0.0.1:port`, as ALLOW_PRIVATE_HOSTS lists it. */
  readonly host: string;
  /** With keys, and with parameters of other values, or without those that are null. */
  url(path: string, parameters?: Readonly<Record<string, string | null>>): string;
  /** What a server's settings have for it. */
  readonly settings: Readonly<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const urlWith =
  (scheme: string, settings: Readonly<Record<string, string>>): Cloud['url'] =>
  (path, parameters = {}) => {
    const all = Object.entries({ ...settings, ...parameters }).flatMap(([name, value]) =>
      value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
    );
    return `${scheme}://${path}${all.length === 0 ? '' : `?${all.join('&')}`}`;
  };

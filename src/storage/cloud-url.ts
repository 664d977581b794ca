/** How the files of a bucket are addressed, and shown. */

export type Parameters = Readonly<Record<string, string>>;

export interface Urls {
  /** Of a file, or of the bucket itself when the key is empty. */
  of(key: string, parameters?: Parameters): URL;
  /** A file as it may be shown. */
  shown(key: string): string;
}

/** The bucket is a part of the path. */
export const urlsIn = (scheme: string, endpoint: URL, bucket: string): Urls => ({
  of: (key, parameters = {}) => {
    const url = new URL(endpoint);
    const path = [bucket, ...(key === '' ? [] : key.split('/'))].map(encode).join('/');
    url.pathname = `${endpoint.pathname.replace(/\/$/, '')}/${path}`;
    url.search = queryString(parameters);
    return url;
  },
  shown: (key) => `${scheme}://${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
});

/** In the order in which they are signed. */
export const queryString = (parameters: Parameters): string =>
  Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');

/** All but letters, digits, `-`, `.`, `_` and `~` encoded, as it is signed. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Source URLs that contain secrets. The details contain them redacted; the full URLs are stored separately. */
import type { Secrets, Work } from '../../jobs/kind.ts';
import { redact } from '../../storage/url.ts';
import type { Details, Source } from './details.ts';

const nameOf = (index: number) => `source ${index}`;

export const secretsOf = (urls: readonly string[]): { readonly secrets?: Secrets } => {
  const kept = urls.flatMap((url, i) => (redact(url) === url ? [] : [[nameOf(i), url] as const]));
  return kept.length === 0 ? {} : { secrets: Object.fromEntries(kept) };
};

export const urlOf = ({ details, secrets }: Work<Details, unknown>, source: Source): string =>
  secrets?.[nameOf(details.sources.indexOf(source))] ?? source.url;

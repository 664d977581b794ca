/** A bucket in the requests of Google's storage, in JSON: https://cloud.google.com/storage/docs/json_api */
import { z } from 'zod';
import { Transient } from '../jobs/kind.ts';
import { BINARY, type Bucket, NOTHING, sizeIn, type Upload } from './cloud.ts';
import { type CloudClient, unless } from './cloud-request.ts';
import { encode, type Parameters, queryString, urlsIn } from './cloud-url.ts';
import { StorageError } from './url.ts';

export const gsBucket = ({ ask, open }: CloudClient, endpoint: URL, bucket: string): Bucket => {
  const { shown } = urlsIn('gs', endpoint, bucket);
  const base = endpoint.pathname.replace(/\/$/, '');
  const urlOf = (path: string, parameters: Parameters = {}): URL => {
    const url = new URL(endpoint);
    url.pathname = `${base}${path}`;
    url.search = queryString(parameters);
    return url;
  };
  const objects = `/storage/v1/b/${encode(bucket)}/o`;
  const object = (key: string, parameters?: Parameters) => ({
    url: urlOf(`${objects}/${encode(key)}`, parameters),
    about: shown(key),
  });
  const upload = (key: string, uploadType: string) => ({
    method: 'POST' as const,
    url: urlOf(`/upload${objects}`, { uploadType, name: key }),
    about: shown(key),
    done: 'written' as const,
  });
  return {
    shown,
    stat: async (key, signal) => {
      const request = { method: 'GET', ...object(key, { fields: 'size,generation' }), done: 'read' } as const;
      const answer = await unless(({ status }) => status === 404, ask(request, signal));
      if (answer === null) return null;
      const { size, generation } = parsed(shown(key), OBJECT, answer.text);
      return { size, version: `${size} ${generation}` };
    },
    open: async (key, fromByte, signal) => {
      // As it is stored: what is kept compressed would be decompressed for others.
      const headers = { 'accept-encoding': 'gzip', ...(fromByte === 0 ? {} : { range: `bytes=${fromByte}-` }) };
      const opening = open({ method: 'GET', ...object(key, { alt: 'media' }), headers, done: 'read' }, signal);
      const opened = await unless(({ status }) => status === 416, opening);
      if (opened === null) return NOTHING;
      const size = sizeIn(opened.response.headers);
      return { ...opened, stat: { size, version: `${size} ${opened.response.headers['x-goog-generation']}` } };
    },
    put: async (key, body, signal) => {
      await ask({ ...upload(key, 'media'), headers: BINARY, body }, signal);
    },
    startUpload: async (key, signal) => {
      const headers = { 'x-upload-content-type': BINARY['content-type'] };
      const answer = await ask({ ...upload(key, 'resumable'), headers, body: new Uint8Array() }, signal);
      const { location = '' } = answer.headers;
      const url = URL.canParse(location, endpoint.href) ? new URL(location, endpoint.href) : null;
      // It is asked with a token, which is for nobody else.
      if (url?.origin !== endpoint.origin)
        throw new StorageError(`${shown(key)} cannot be written: its store starts no upload`);
      return uploadTo(ask, url, shown(key));
    },
    list: async (prefix, from, signal) => {
      const parameters: Parameters = {
        prefix,
        fields: 'items(name),nextPageToken',
        ...(from !== null && { pageToken: from }),
      };
      const { text } = await ask(
        { method: 'GET', url: urlOf(objects, parameters), about: shown(prefix), done: 'listed' },
        signal,
      );
      const { items, nextPageToken } = parsed(shown(prefix), PAGE, text);
      return { keys: items.map(({ name }) => name), next: nextPageToken };
    },
    remove: async (key, signal) => {
      const request = { method: 'DELETE', ...object(key), done: 'removed' } as const;
      await unless(({ status }) => status === 404, ask(request, signal));
    },
  };
};

const OBJECT = z.object({ size: z.coerce.number().int(), generation: z.string() });
const PAGE = z.object({
  items: z.array(z.object({ name: z.string() })).default([]),
  nextPageToken: z.string().nullable().default(null),
});

const parsed = <T>(shown: string, shape: z.ZodType<T>, text: string): T => {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    throw new StorageError(`${shown}: its store answers what cannot be understood`);
  }
};

const uploadTo = (ask: CloudClient['ask'], url: URL, about: string): Upload => {
  let at = 0;
  const send = async (body: Uint8Array, total: number | null, signal: AbortSignal) => {
    const end = at + body.length;
    while (at < end) {
      const headers = { 'content-range': `bytes ${at}-${end - 1}/${total ?? '*'}` };
      const request = { method: 'PUT', url, headers, about, done: 'written', also: 308 } as const;
      const answer = await ask({ ...request, body: body.subarray(at - end + body.length) }, signal);
      const kept = answer.status === 308 ? keptOf(answer.headers.range) : end;
      if (kept <= at) throw new Transient(`${about} cannot be written now: its store keeps nothing of it`);
      at = kept;
    }
  };
  return {
    part: (content, signal) => send(content, null, signal),
    finish: (last, signal) => send(last, at + last.length, signal),
    abandon: async (signal) => {
      await ask({ method: 'DELETE', url, about, done: 'removed' }, signal);
    },
  };
};

/** How much of the upload is there: the store may have kept only a beginning of what it was sent. */
const keptOf = (range = ''): number => {
  const [, last] = /-(\d+)$/.exec(range) ?? [];
  return last === undefined ? 0 : Number(last) + 1;
};

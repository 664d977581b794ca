/** A bucket in the requests of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ */
import { BINARY, type Bucket, NOTHING, statOf, type Upload } from './cloud.ts';
import { type CloudClient, type CloudRequest, unless } from './cloud-request.ts';
import type { Parameters, Urls } from './cloud-url.ts';
import { StorageError } from './url.ts';
import { escaped, textIn, textsOf } from './xml.ts';

export const s3Bucket = ({ ask, open }: CloudClient, { of, shown }: Urls): Bucket => {
  const on = (method: CloudRequest['method'], key: string, parameters?: Parameters) => ({
    method,
    url: of(key, parameters),
    about: shown(key),
  });
  const stat: Bucket['stat'] = async (key, signal) => {
    const seen = await unless(() => true, ask({ ...on('HEAD', key), done: 'read' }, signal));
    if (seen !== null) return statOf(seen.headers);
    // To HEAD nobody says what is wrong.
    const first = ask({ ...on('GET', key), headers: { range: 'bytes=0-0' }, done: 'read' }, signal);
    const said = await unless(({ status, code }) => status === 404 && code !== 'NoSuchBucket', first);
    return said === null ? null : statOf(said.headers);
  };
  return {
    shown,
    stat,
    open: async (key, fromByte, signal) => {
      const headers: Record<string, string> = fromByte === 0 ? {} : { range: `bytes=${fromByte}-` };
      const opening = open({ ...on('GET', key), headers, done: 'read' }, signal);
      const opened = await unless(({ status }) => status === 416, opening);
      return opened === null ? NOTHING : { ...opened, stat: statOf(opened.response.headers) };
    },
    put: async (key, body, signal) => {
      await ask({ ...on('PUT', key), body, headers: BINARY, done: 'written' }, signal);
    },
    startUpload: async (key, signal) => {
      const request = { ...on('POST', key, { uploads: '' }), body: EMPTY, headers: BINARY };
      const uploadId = textIn((await ask({ ...request, done: 'written' }, signal)).text, 'UploadId');
      if (uploadId === null) throw new StorageError(`${shown(key)} cannot be written: its store starts no upload`);
      const onUpload: OnUpload = (method, parameters = {}) => on(method, key, { ...parameters, uploadId });
      return uploadOf(ask, onUpload, async (size, signal) => (await stat(key, signal))?.size === size);
    },
    list: async (prefix, from, signal) => {
      const since: Parameters = from === null ? {} : { 'continuation-token': from };
      const request = on('GET', '', { 'list-type': '2', 'encoding-type': 'url', prefix, ...since });
      const { text } = await ask({ ...request, about: shown(prefix), done: 'listed' }, signal);
      const isEncoded = textIn(text, 'EncodingType') === 'url';
      const keys = textsOf(text, 'Key').map((key) => (isEncoded ? decoded(key) : key));
      return { keys, next: textIn(text, 'NextContinuationToken') };
    },
    remove: async (key, signal) => {
      await unless(({ status }) => status === 404, ask({ ...on('DELETE', key), done: 'removed' }, signal));
    },
  };
};

type OnUpload = (
  method: CloudRequest['method'],
  parameters?: Parameters,
) => Pick<CloudRequest, 'method' | 'url' | 'about'>;

const EMPTY = new Uint8Array();

/** @param isThere whether the file is there, in this size */
const uploadOf = (
  ask: CloudClient['ask'],
  on: OnUpload,
  isThere: (size: number, signal: AbortSignal) => Promise<boolean>,
): Upload => {
  const etags: string[] = [];
  let size = 0;
  const part = async (body: Uint8Array, signal: AbortSignal) => {
    const partNumber = String(etags.length + 1);
    const { headers } = await ask({ ...on('PUT', { partNumber }), body, done: 'written' }, signal);
    etags.push(headers.etag ?? '');
    size += body.length;
  };
  return {
    part,
    finish: async (last, signal) => {
      await part(last, signal);
      const parts = etags.map(
        (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
      );
      const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
      const headers = { 'content-type': 'application/xml' };
      const finishing = ask({ ...on('POST'), headers, body, done: 'written' }, signal);
      const isOver = ({ code, failedBefore }: { readonly code: string; readonly failedBefore: number }) =>
        code === 'NoSuchUpload' && failedBefore > 0;
      // An earlier try may have done it, and only its answer was lost.
      if ((await unless(isOver, finishing)) === null && !(await isThere(size, signal))) await finishing;
    },
    abandon: async (signal) => {
      await ask({ ...on('DELETE'), done: 'removed' }, signal);
    },
  };
};

/** As a form encodes it. */
const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

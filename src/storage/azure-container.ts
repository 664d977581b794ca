/** A container in the requests of Azure's Blob storage: https://learn.microsoft.com/rest/api/storageservices/ */
import { randomBytes } from 'node:crypto';
import { BINARY, type Bucket, NOTHING, statOf, type Upload } from './cloud.ts';
import { type CloudClient, type CloudRequest, unless } from './cloud-request.ts';
import type { Parameters, Urls } from './cloud-url.ts';
import { escaped, textIn } from './xml.ts';

export const azureContainer = ({ ask, open }: CloudClient, { of, shown }: Urls): Bucket => {
  const on = (method: CloudRequest['method'], key: string, parameters?: Parameters) => ({
    method,
    url: of(key, parameters),
    about: shown(key),
  });
  return {
    shown,
    stat: async (key, signal) => {
      const answer = await unless(isNoBlob, ask({ ...on('HEAD', key), done: 'read' }, signal));
      return answer === null ? null : statOf(answer.headers);
    },
    open: async (key, fromByte, signal) => {
      const headers: Record<string, string> = fromByte === 0 ? {} : { range: `bytes=${fromByte}-` };
      const opening = open({ ...on('GET', key), headers, done: 'read' }, signal);
      const opened = await unless(({ status }) => status === 416, opening);
      return opened === null ? NOTHING : { ...opened, stat: statOf(opened.response.headers) };
    },
    put: async (key, body, signal) => {
      const headers = { ...BINARY, 'x-ms-blob-type': 'BlockBlob' };
      await ask({ ...on('PUT', key), headers, body, done: 'written' }, signal);
    },
    startUpload: async (key) => uploadOf(ask, (parameters) => on('PUT', key, parameters)),
    list: async (prefix, from, signal) => {
      const since: Parameters = from === null ? {} : { marker: from };
      const request = on('GET', '', { restype: 'container', comp: 'list', prefix, ...since });
      const { text } = await ask({ ...request, about: shown(prefix), done: 'listed' }, signal);
      return { keys: keysIn(text), next: textIn(text, 'NextMarker') || null };
    },
    remove: async (key, signal) => {
      await unless(({ status }) => status === 404, ask({ ...on('DELETE', key), done: 'removed' }, signal));
    },
  };
};

const isNoBlob = ({ status, code }: { readonly status: number; readonly code: string }) =>
  status === 404 && code !== 'ContainerNotFound' && code !== 'ResourceNotFound';

const uploadOf = (
  ask: CloudClient['ask'],
  on: (parameters: Parameters) => Pick<CloudRequest, 'method' | 'url' | 'about'>,
): Upload => {
  // Blocks that another writer of the same file has sent have other names.
  const writer = randomBytes(12).toString('hex');
  const blocks: string[] = [];
  const part = async (body: Uint8Array, signal: AbortSignal) => {
    const blockid = Buffer.from(`${writer}-${String(blocks.length).padStart(5, '0')}`).toString('base64');
    await ask({ ...on({ comp: 'block', blockid }), headers: BINARY, body, done: 'written' }, signal);
    blocks.push(blockid);
  };
  return {
    part,
    finish: async (last, signal) => {
      await part(last, signal);
      const list = blocks.map((block) => `<Latest>${escaped(block)}</Latest>`).join('');
      const body = Buffer.from(`<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`);
      const headers = { 'content-type': 'application/xml', 'x-ms-blob-content-type': BINARY['content-type'] };
      await ask({ ...on({ comp: 'blocklist' }), headers, body, done: 'written' }, signal);
    },
    // Blocks that are in no file are seen by nobody, and the store removes them within a week.
    abandon: async () => undefined,
  };
};

const keysIn = (text: string): string[] =>
  text
    .split('<Blob>')
    .slice(1)
    .filter((blob) => textIn(blob, 'ResourceType') !== 'directory')
    .map((blob) => {
      const name = textIn(blob, 'Name') ?? '';
      return blob.includes('<Name Encoded="true">') ? decodeURIComponent(name) : name;
    });

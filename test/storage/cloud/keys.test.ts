import { describe, expect, it } from 'vitest';
import { openFolder } from '../../../src/storage/open.ts';
import { StorageError } from '../../../src/storage/url.ts';
import { environmentOf } from '../../support/places.ts';

const SERVER = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hush', AWS_ENDPOINT: 'http://10.0.0.1' };
const open =
  (url: string, serverCredentials: Readonly<Record<string, string>> | null = null) =>
  () =>
    openFolder(url, environmentOf({ filesDir: '/nowhere', serverCredentials }));

describe('the keys of a cloud URL', () => {
  it.each([
    ['s3://b/k?AWS_ACCESS_KEY_ID=id', null, 'lacks AWS_SECRET_ACCESS_KEY'],
    ['azure://b/k?AUTH=specified', null, 'lacks AZURE_ACCOUNT_NAME and AZURE_ACCOUNT_KEY'],
    ['s3://b/k?aws_secret_access_key=hush', null, 'has the parameter aws_secret_access_key, which is none of AUTH'],
    ['s3://b/k?AWS_REGION=', null, 'has an empty AWS_REGION'],
    ['s3://b/k?AUTH=none', SERVER, 'has an AUTH that is neither'],
    ['s3://b/k', null, "only admins use the server's own keys"],
    ['s3://b/k', {}, 'the server has no AWS_ACCESS_KEY_ID and no AWS_SECRET_ACCESS_KEY'],
    ['gs://b/k', {}, 'the server has no GOOGLE_APPLICATION_CREDENTIALS'],
    ['s3://b/k?AWS_ENDPOINT=https://h', SERVER, "has a AWS_ENDPOINT other than the server's"],
    ['s3://b/k?AUTH=implicit&AWS_ACCESS_KEY_ID=x', SERVER, "has a AWS_ACCESS_KEY_ID other than the server's"],
    [
      's3://b/k?AWS_ACCESS_KEY_ID=i&AWS_SECRET_ACCESS_KEY=hush&AWS_ENDPOINT=h:1',
      null,
      'AWS_ENDPOINT that is not of the form',
    ],
    ['s3://b/k?AWS_ACCESS_KEY_ID=i&AWS_SECRET_ACCESS_KEY=hush&AWS_REGION=x.h/', null, 'names no region'],
    ['azure://b/k?AZURE_ACCOUNT_NAME=h/&AZURE_ACCOUNT_KEY=hush', null, 'AZURE_ACCOUNT_NAME that names none'],
    ['azure://b/k?AZURE_ACCOUNT_NAME=h&AZURE_ACCOUNT_KEY=hush!', null, 'AZURE_ACCOUNT_KEY that is not in base64'],
    [
      's3://b/k?AWS_ACCESS_KEY_ID=i&AWS_SECRET_ACCESS_KEY=hush&AWS_ENDPOINT=https://b.host',
      null,
      'AWS_ENDPOINT that begins with the bucket',
    ],
    ['gs://b/k?CREDENTIALS=hush', null, 'not the file of keys of a service account'],
  ])('%s', (url, server, message) => {
    expect(open(url, server)).toThrow(StorageError);
    expect(open(url, server)).toThrow(message);
    expect(open(url, server)).not.toThrow(/=hush/);
  });

  it('of gs: are those of an account alone, and none that leads elsewhere', () => {
    const type = 'external_account';
    const file = { type, credential_source: { file: '/etc/passwd' }, token_url: 'https://h', audience: 'hush' };
    const credentials = Buffer.from(JSON.stringify(file)).toString('base64');
    expect(open(`gs://b/k?CREDENTIALS=${credentials}`)).toThrow('not the file of keys of a service account');
  });

  it("may choose the region with the server's own, and nothing else", () => {
    expect(open('s3://b/k?AWS_REGION=eu-west-1', SERVER)).not.toThrow();
    expect(open('s3://b/k?AUTH=implicit&AWS_ENDPOINT=http://10.0.0.1', SERVER)).not.toThrow();
  });
});

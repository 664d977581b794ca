import { describe, expect, it } from 'vitest';
import { Transient } from '../../../src/jobs/kind.ts';
import { CloudError, failureOf, refusalOfOperator } from '../../../src/storage/cloud/errors.ts';

const RESPONSE = 'uri: http://h/b?sig=hush, response: Parts { status: STATUS, version: HTTP/1.1, headers: {HEADERS} }';
const answered = (status: number, end: string, headers = '') =>
  `Unexpected (persistent) at List::next, context: { ${RESPONSE.replace('STATUS', `${status}`).replace('HEADERS', headers)}, service: s3, path: a } ${end}`;
const unanswered = (end: string) =>
  `Unexpected (persistent) at List::next, context: { url: http://h/b?sig=hush, service: s3, path: a } ${end}`;
const failed = (text: string) =>
  failureOf(refusalOfOperator(new Error(text)), { about: 's3://b/a', done: 'listed' }, ({ code, region }) =>
    code === 'Elsewhere' ? `is in ${region}` : null,
  );

describe('errors of OpenDAL get messages of their own', () => {
  it.each([
    [answered(503, '=> S3Error { code: "SlowDown", message: "hush" }'), Transient, 'now (503 SlowDown)'],
    [answered(200, '=> S3Error { code: "InternalError", message: "hush" }'), Transient, 'now (200 InternalError)'],
    [answered(429, '=> hush'), Transient, 'now (429)'],
    [answered(403, '=> AzblobError { code: "A <hush>", message: "" }'), CloudError, 'listed: permission denied (403)'],
    [
      answered(
        400,
        '=> GcsErrorResponse { error: GcsError { code: 400, errors: [GcsErrorDetail { reason: "required" }] } }',
      ),
      CloudError,
      'cannot be listed (400 required)',
    ],
    [
      answered(301, '=> S3Error { code: "Elsewhere" }', '"x-amz-bucket-region": "eu-x"'),
      CloudError,
      'is in eu-x (301 Elsewhere)',
    ],
    [
      unanswered('=> send http request, source: error sending request for url (hush)'),
      Transient,
      'listed now (Unexpected)',
    ],
    [
      unanswered('=> send http request, source: error following redirect for url (hush)'),
      CloudError,
      'listed (Unexpected)',
    ],
    [unanswered('=> http response got too little data, expect: 2, actual: 1'), Transient, 'listed now (Unexpected)'],
    [unanswered('=> deserialize xml, source: hush'), CloudError, 'cannot be listed (Unexpected)'],
    ['hush, and more', CloudError, 'cannot be listed'],
  ])('%s', (text, kind, message) => {
    const error = failed(text);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/sig|<|http:/);
  });
});

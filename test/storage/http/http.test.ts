import { describe, expect, it } from 'vitest';
import { Transient } from '../../../src/jobs/kind.ts';
import { isAllowed, isPublic } from '../../../src/net/private-address.ts';
import { openHttp } from '../../../src/storage/http/file.ts';
import { openFolder } from '../../../src/storage/open.ts';
import { StorageError } from '../../../src/storage/url.ts';
import { environmentOf } from '../../support/places.ts';
import { type Answer, send, serve, status, type Web } from '../../support/web.ts';

const signal = new AbortController().signal;
const CONTENT = Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join('');

const open = (web: Web, path = '/a.csv', limits = { idleMs: 5_000 }) =>
  openHttp(new URL(web.url + path), [web.host], limits);
const textOf = async (stored: ReturnType<typeof openHttp>, fromByte = 0, until = signal) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stored.read(fromByte, until)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
const failure = async (answer: Answer, limits?: { idleMs: number }) => {
  await using web = await serve(answer);
  const stored = open(web, '/a.csv?token=hush', limits);
  const errors = [stored.stat(), textOf(stored)].map((tried) => tried.then(String, (error: Error) => error));
  const [atStat, atRead] = (await Promise.all(errors)) as [Error, Error];
  for (const error of [atStat, atRead]) expect(String(error)).not.toContain('hush');
  expect(atRead).toEqual(atStat);
  return Object.assign(atRead, { message: atRead.message.replace(web.url, 'http://web') });
};

describe('a file over http', () => {
  it('is read from a place on, by a range where the server knows ranges', async () => {
    await using web = await serve(send(CONTENT));
    expect(await open(web).stat()).toEqual({ size: CONTENT.length, version: `${CONTENT.length} "one" ` });
    expect(await textOf(open(web))).toBe(CONTENT);
    expect(await textOf(open(web), 100_001)).toBe(CONTENT.slice(100_001));
    expect(web.requests.map(({ headers }) => headers.range)).toEqual(['bytes=0-0', undefined, 'bytes=100001-']);
    expect(web.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('is read again and passed over where the server does not', async () => {
    await using web = await serve(send(CONTENT, { ranges: false }));
    expect((await open(web).stat()).size).toBe(CONTENT.length);
    expect(await textOf(open(web), 100_001)).toBe(CONTENT.slice(100_001));
  });

  it('has nothing behind its end, and may be empty', async () => {
    await using web = await serve(send(CONTENT));
    const stored = open(web);
    await stored.stat();
    expect(await textOf(stored, CONTENT.length)).toBe('');
    await using empty = await serve(send(''));
    expect((await open(empty).stat()).size).toBe(0);
  });

  it('of an unknown size is read to its end', async () => {
    await using web = await serve((_, response) => {
      response.write('1\n');
      response.end('2\n');
    });
    const stored = open(web);
    expect(await stored.stat()).toEqual({ size: null, version: '  ' });
    expect(await textOf(stored, 1)).toBe('\n2\n');
  });

  it('that changed since it was looked at is not begun', async () => {
    const contents = [send('one', { etag: '"1"' }), send('two', { etag: '"2"' })];
    await using web = await serve((...call) => contents[web.requests.length - 1]?.(...call));
    const stored = open(web);
    await stored.stat();
    await expect(textOf(stored, 1)).rejects.toThrow(`${web.url}/a.csv has changed since the job was created`);
  });

  it('has another version when its size, its tag or its time changed', async () => {
    const answers = [
      send('1', { etag: '' }),
      send('12', { etag: '' }),
      send('1', { etag: 'W/"1"' }),
      send('1', { etag: '', modified: 'Sun, 06 Nov 1994 08:49:37 GMT' }),
    ];
    await using web = await serve((...call) => answers[web.requests.length - 1]?.(...call));
    const versions = [];
    for (const _ of answers) versions.push((await open(web).stat()).version);
    expect(new Set(versions).size).toBe(answers.length);
  });
});

describe('what may pass is Transient', () => {
  it.each([
    [500, 'cannot be read now (500)'],
    [503, 'cannot be read now (503)'],
    [429, 'cannot be read now (429)'],
    [408, 'cannot be read now (408)'],
  ])('an answer of %i', async (code, message) => {
    expect(await failure(status(code))).toEqual(new Transient(`http://web/a.csv?token=redacted ${message}`));
  });

  it('a connection that is refused, or reset before it answers', async () => {
    const reset = await failure((request) => request.socket.destroy());
    expect(reset).toEqual(new Transient('http://web/a.csv?token=redacted cannot be read now (ECONNRESET)'));
    const web = await serve(status(200));
    await web[Symbol.asyncDispose]();
    await expect(open(web).stat()).rejects.toThrow(new Transient(`${web.url}/a.csv cannot be read now (ECONNREFUSED)`));
  });

  it('a silent server', async () => {
    const silent = await failure(() => undefined, { idleMs: 50 });
    expect(silent).toEqual(new Transient('http://web/a.csv?token=redacted has not answered for 0.05 s'));
  });

  it('a body that stops coming, and not one that nobody asks for', async () => {
    await using web = await serve((_, response) => response.writeHead(200, { 'content-length': 9 }).write('begin'));
    const chunks = open(web, '/a.csv', { idleMs: 50 }).read(0, signal);
    expect(String((await chunks.next()).value)).toBe('begin');
    await expect(chunks.next()).rejects.toThrow(new Transient(`${web.url}/a.csv has sent nothing for 0.05 s`));
  });

  it('a connection that breaks partway', async () => {
    await using web = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 9 });
      response.write('begin', () => response.destroy());
    });
    const chunks = open(web).read(0, signal);
    expect(String((await chunks.next()).value)).toBe('begin');
    await expect(chunks.next()).rejects.toThrow(new Transient(`${web.url}/a.csv cannot be read now (ECONNRESET)`));
  });
});

describe('what will not pass is a StorageError', () => {
  const final = (message: string) => new StorageError(`http://web/a.csv?token=redacted ${message}`);
  it.each([
    [404, 'does not exist (404)'],
    [410, 'does not exist (410)'],
    [401, 'may not be read (401)'],
    [403, 'may not be read (403)'],
    [400, 'cannot be read (400)'],
    [204, 'cannot be read (204)'],
  ])('an answer of %i', async (code, message) => {
    expect(await failure(status(code))).toEqual(final(message));
  });

  it('an answer that is no HTTP', async () => {
    expect(await failure((request) => request.socket.end('hello\n'))).toEqual(final('does not answer in HTTP'));
  });

  it('another part than was asked for', async () => {
    await using web = await serve((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-4/9' }).end('01234');
    });
    await expect(textOf(open(web), 3)).rejects.toThrow('sends another part than it was asked for');
  });
});

describe('redirects', () => {
  const to = (location: string, code = 302) => status(code, { location });

  it('are followed, relative ones and to other hosts, at most five', async () => {
    await using web = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      (left === 0 ? send(CONTENT) : to(`./${left - 1}`, [301, 302, 303, 307, 308][left - 1]))(request, response);
    });
    expect(await textOf(open(web, '/5'), 10)).toBe(CONTENT.slice(10));
    await expect(open(web, '/6').stat()).rejects.toThrow(new StorageError(`${web.url}/6 redirects more than 5 times`));
  });

  it.each([
    'http://10.0.0.1/a.csv',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]:80/',
    'http://0x7f.1/',
    'http://localhost:1/',
  ])('to %s are refused', async (location) => {
    expect((await failure(to(location))).message).toBe(
      'http://web/a.csv?token=redacted: its host is on a private address, and not listed in ALLOW_PRIVATE_HOSTS',
    );
  });

  it('to what is no http URL are refused, without the secrets of it', async () => {
    expect((await failure(to('ftp://u:hush@h/'))).message).toBe(
      'http://web/a.csv?token=redacted redirects to ftp://u:redacted@h/, which is no http: or https: URL',
    );
    expect((await failure(to(''))).message).toMatch(/redirects more than 5 times|no http: or https: URL/);
  });

  it('take credentials to no other server', async () => {
    await using other = await serve(send('other'));
    await using web = await serve((request, response) => {
      (request.url === '/away' ? to(`${other.url}/a`) : to('/away'))(request, response);
    });
    const url = new URL(`${web.url.replace('//', '//ada:p%40ss@')}/a.csv`);
    expect(await textOf(openHttp(url, ['127.0.0.1']))).toBe('other');
    const sent = [...web.requests, ...other.requests].map(({ headers }) => headers.authorization);
    const basic = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`;
    expect(sent).toEqual([basic, basic, undefined]);
  });
});

// What was asked never comes to an end: waiting for it would end with another error.
describe('a stop is heard, with its reason', () => {
  it('while nothing is answered', async () => {
    const stop = new AbortController();
    await using web = await serve(() => stop.abort(new Error('asked to stop')));
    await expect(textOf(open(web), 0, stop.signal)).rejects.toThrow('asked to stop');
    await expect(open(web).stat(stop.signal)).rejects.toThrow('asked to stop');
  });

  it('while the body does not come', async () => {
    const stop = new AbortController();
    await using web = await serve((_, response) => response.writeHead(200).write('begin'));
    const chunks = open(web).read(0, stop.signal);
    await chunks.next();
    const next = chunks.next();
    stop.abort(new Error('asked to stop'));
    await expect(next).rejects.toThrow('asked to stop');
  });
});

describe('a host', () => {
  it.each([
    ['8.8.8.8', true],
    ['1.1.1.1', true],
    ['172.32.0.1', true],
    ['2606:4700:4700::1111', true],
    ['::ffff:8.8.8.8', true],
    ['0.0.0.0', false],
    ['10.1.2.3', false],
    ['100.64.0.1', false],
    ['127.0.0.1', false],
    ['169.254.169.254', false],
    ['172.16.0.1', false],
    ['172.31.255.255', false],
    ['192.168.1.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:a00:1', false],
    ['0:0:0:0:0:ffff:c0a8:1', false],
    ['::127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['2001::1', false],
    ['fc00::1', false],
    ['fd12::1', false],
    ['fe80::1', false],
    ['fe80::1%lo', false],
    ['ff02::1', false],
    ['not an address', false],
  ])('%s is public: %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });

  it.each([
    ['http://Intra.example/a', ['intra.example'], true],
    ['http://intra.example/a', ['INTRA.example:80'], true],
    ['https://intra.example/a', ['intra.example:443'], true],
    ['https://intra.example/a', ['intra.example:80'], false],
    ['http://intra.example.evil/a', ['intra.example'], false],
    ['http://sub.intra.example/a', ['intra.example'], false],
    ['http://[::1]:8080/a', ['::1'], true],
    ['http://[::1]:8080/a', ['[::1]:8080'], true],
    ['http://[::1]:8080/a', ['[::1]:8081'], false],
    ['http://127.1/a', ['127.0.0.1'], true],
    ['http://h/a', [], false],
  ])('of %s with %j allowed: %s', (url, allowed, expected) => {
    expect(isAllowed(new URL(url), allowed)).toBe(expected);
  });

  it('that is a name is refused when the name leads to a private address', async () => {
    await using web = await serve(send(CONTENT));
    const url = new URL(web.url.replace('127.0.0.1', 'localhost'));
    await expect(openHttp(url, []).stat()).rejects.toThrow('its host is on a private address');
    expect((await openHttp(url, ['localhost']).stat()).size).toBe(CONTENT.length);
    expect(web.requests).toHaveLength(1);
  });

  it('that nobody knows is named', async () => {
    await expect(openHttp(new URL('http://nowhere.invalid/a'), []).stat()).rejects.toThrow(/nowhere.invalid/);
  });
});

describe('a folder over http', () => {
  it('is read by the names of its files, and nothing else is done there', async () => {
    await using web = await serve((request, response) => {
      if (request.url === '/to/a%20b/100%25?token=hush') return send(CONTENT)(request, response);
      return status(404)(request, response);
    });
    const folder = openFolder(
      `${web.url}/to/?token=hush`,
      environmentOf({ filesDir: '/nowhere', allowPrivateHosts: [web.host] }),
    );
    expect((await folder.stat('a b/100%', signal))?.size).toBe(CONTENT.length);
    const chunks: Uint8Array[] = [];
    for await (const chunk of folder.read('a b/100%', 1, signal)) chunks.push(chunk);
    expect(`${Buffer.concat(chunks)}`).toBe(CONTENT.slice(1));
    expect(await folder.stat('none', signal)).toBeNull();
    const asked = web.requests.length;
    const refused = [
      folder.read('../a', 0, signal).next(),
      folder.list('', signal).next(),
      folder.write('a', [], signal),
      folder.remove('a', signal),
    ].map((done) => done.then(String, (error: unknown) => error));
    for (const error of await Promise.all(refused)) {
      expect(error).toBeInstanceOf(StorageError);
      expect(String(error)).not.toContain('hush');
    }
    expect(web.requests).toHaveLength(asked);
    await expect(folder.read('none', 0, signal).next()).rejects.toThrow('none?token=redacted does not exist');
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Environment } from '../../src/jobs/kind.ts';
import { probed } from '../../src/kinds/import/source.ts';
import { askedUntil, probeLimit } from '../../src/storage/probe.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Only a listener is left of the signal, as when a place of storage does not answer. */
const reasonOf = (withinMs: number, asked: AbortSignal): Promise<unknown> =>
  askedUntil(asked, () => {
    const { signal } = probeLimit(withinMs);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));
  });

test('a probe ends after its time, though garbage is collected meanwhile', async () => {
  const ended = reasonOf(200, new AbortController().signal);
  for (let n = 0; n < 3; n++) {
    await new Promise((done) => setImmediate(done));
    collectGarbage();
  }
  expect(await ended).toMatchObject({ name: 'AbortError' });
});

test('a probe ends when nobody waits for its answer any more, for that reason', async () => {
  const asked = new AbortController();
  const ended = reasonOf(60_000, asked.signal);
  await new Promise((done) => setImmediate(done));
  collectGarbage();
  const reason = new Error('the client has left');
  asked.abort(reason);
  expect(await ended).toBe(reason);
});

test('a source of an import that does not answer in time may answer later', async () => {
  const environment = { allowPrivateHosts: true } as unknown as Environment;
  const read = async (_: unknown, signal: AbortSignal) => signal.throwIfAborted();
  const asked = askedUntil(AbortSignal.abort(), () =>
    probed('https://example.com/a.csv', 'input.sources.0', environment, read),
  );
  await expect(asked).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'source input.sources.0 was not read within 10 s',
  });
});

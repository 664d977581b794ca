import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openFolder } from '../../../src/storage/open.ts';
import { startFakeGs } from '../../support/fake-gs.ts';
import { environmentOf } from '../../support/places.ts';
import { temporaryFolder } from '../../support/process.ts';

const { signal } = new AbortController();
const textOf = async (folder: ReturnType<typeof openFolder>, name: string, fromByte = 0) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of folder.read(name, fromByte, signal)) chunks.push(chunk);
  return `${Buffer.concat(chunks)}`;
};

/** Lists, removals and large files need a token of the real service: nothing here says anything of them. */
it('files of gs: are signed under their names, written, looked at and read, by a fake', async () => {
  await using gs = await startFakeGs();
  const environment = environmentOf({ filesDir: '/nowhere', allowPrivateHosts: [gs.host] });
  const folder = openFolder(gs.url('bucket/na%20mes'), environment);
  const names = ['a b', 'ä/ö ü', '%41', 'a#b', 'a?b=c&d', '日本', "it's", '(x)*!', 'a+b', '~'];
  for (const name of names) {
    await folder.write(name, [Buffer.from(name)], signal);
    expect(`${gs.files.get(`/bucket/na mes/${name}`)}`).toBe(name);
    expect((await folder.stat(name, signal))?.size).toBe(Buffer.byteLength(name));
    expect(await textOf(folder, name, 1)).toBe(`${Buffer.from(name).subarray(1)}`);
  }
  expect(gs.files.size).toBe(names.length);
  expect(await folder.stat('none', signal)).toBeNull();
  const gone = openFolder(gs.url('nobucket/x'), environment);
  await expect(gone.stat('a', signal)).rejects.toThrow('there is no bucket nobucket');
  await expect(gone.write('a', [], signal)).rejects.toThrow('there is no bucket nobucket');
  await using other = await startFakeGs();
  const wrong = openFolder(gs.url('bucket/x', { CREDENTIALS: other.settings.CREDENTIALS ?? '' }), environment);
  await expect(wrong.write('a', [], signal)).rejects.toThrow('its keys are not accepted');
});

it("files of gs: are opened with the server's own key file by permitted users", async () => {
  await using gs = await startFakeGs();
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'keys.json');
  writeFileSync(file, Buffer.from(gs.settings.CREDENTIALS ?? '', 'base64'));
  const serverCredentials = { GOOGLE_APPLICATION_CREDENTIALS: file, GS_ENDPOINT: gs.settings.GS_ENDPOINT ?? '' };
  const own = openFolder('gs://bucket/own?AUTH=implicit', environmentOf({ filesDir: '/nowhere', serverCredentials }));
  await own.write('a', [Buffer.from('mine')], signal);
  expect(await textOf(own, 'a')).toBe('mine');
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** Optional packages for other platforms, which the registry that wrote the lock file did not have. */
const WITHOUT_HASH = /^node_modules\/@opendal\/lib-(darwin|win32|linux-arm64)-/;

test.each(['package-lock.json', 'test/package-lock.json'])(
  'every package in %s has an integrity hash and no address',
  (file) => {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
    const entries = Object.entries(packages).filter(([name]) => name !== '');
    expect(
      entries
        .filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))
        .map(([name]) => name)
        .filter((name) => !WITHOUT_HASH.test(name)),
    ).toEqual([]);
    expect(entries.filter(([, { resolved, link }]) => resolved !== undefined || link === true)).toEqual([]);
    expect(entries.length).toBeGreaterThan(50);
  },
);

test('every dependency has an exact version', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const versions = Object.entries({ ...dependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
});

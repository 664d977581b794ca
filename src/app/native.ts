/** The required native packages: whether they load on this Node and, if not, what is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const PACKAGES = ['better-sqlite3', 'zstd-napi'] as const;
const require = createRequire(import.meta.url);

/** Returns null, or one line that describes the problem. Call this before anything else imports these packages. */
export const nativeProblem = (path = ''): string | null => {
  for (const name of PACKAGES) {
    try {
      load(name);
    } catch (error) {
      return problemOf(name, error as NodeJS.ErrnoException, path);
    }
  }
  return abortsOnCollection() ? ABORTS : null;
};

const load = (name: (typeof PACKAGES)[number]) => {
  if (name === 'zstd-napi') return require('zstd-napi/binding.js');
  // Its binary is loaded when the first database is opened.
  const Database = require(name) as new (file: string) => { close(): void };
  return new Database(':memory:').close();
};

const problemOf = (name: string, { message, code }: NodeJS.ErrnoException, path: string): string => {
  const [first = ''] = message.split('\n');
  if (message.includes('NODE_MODULE_VERSION')) {
    return `${name} was built for another version of Node than ${process.version}: run \`npm rebuild ${name}\``;
  }
  if (code !== 'MODULE_NOT_FOUND' && !first.includes('bindings file')) return `${name} cannot be loaded: ${first}`;
  const missing = missingTools(path);
  const tools = missing.length === 0 ? '' : `; to compile it, first install ${missing.join(', ')}`;
  const system = `${process.platform}-${process.arch}`;
  return `${name} has no binary for Node ${process.version} on ${system}: run \`npm rebuild ${name}\`${tools}`;
};

/** The tools that are needed to compile a package and are not found on this path. */
const missingTools = (path: string): readonly string[] => {
  const folders = path.split(delimiter);
  const has = (...names: readonly string[]) =>
    names.some((name) => folders.some((folder) => existsSync(join(folder, name))));
  return [
    ...(has('c++', 'g++', 'clang++') ? [] : ['a C++ compiler']),
    ...(has('make', 'gmake') ? [] : ['make']),
    ...(has('python3', 'python') ? [] : ['Python 3']),
  ];
};

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/**
 * From 24.19 and 26.4 on, Node's headers make every better-sqlite3 object remove a hook when it is garbage-collected. A
 * Node without the list of hooks (before 24.22 and 26.4) then aborts the process: docs/decisions/0024.
 */
const abortsOnCollection = (): boolean => {
  if (major < 24 || major > 26) return false;
  if ((major === 24 && minor >= 22) || (major === 26 && minor >= 4)) return false;
  const file = join(dirname(require.resolve('better-sqlite3/package.json')), 'build/Release/better_sqlite3.node');
  return existsSync(file) && readFileSync(file).includes('RemoveEnvironmentCleanupHook');
};

const FIT = major === 26 ? '26.4' : '24.22';
const ABORTS = `better-sqlite3 as compiled here would abort Node ${process.version}: use Node ${FIT} or later`;

// Writes the declarations of what the package exports to types/: the files that the entry points reach, and no others.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'types');
const ENTRIES = ['src/index.ts', 'src/client/index.ts', 'src/react/index.ts', 'src/testing/index.ts'].map((file) =>
  join(root, file),
);

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(ENTRIES, { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true });

/** The declarations of a file, with the specifiers that TypeScript resolves outside this repository. */
const declarationsOf = (file) => {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} is not part of the program`);
  let text;
  const { diagnostics } = program.emit(source, (_, written) => (text = written), undefined, true);
  if (text === undefined || diagnostics.length > 0) {
    throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)) || `${file} has no declarations`);
  }
  return text;
};

const SPECIFIER = /((?:from|import)\s*\(?\s*['"])(\.[^'"]+)\.ts(['"])/g;

/** A type of a package that is only needed to build the client. */
const DECORATION = /import type \{ DocumentTypeDecoration \} from '@graphql-typed-document-node\/core';/;
const OWN_DECORATION = 'interface DocumentTypeDecoration<R, V> { __apiType?: (variables: V) => R; }';

rmSync(out, { recursive: true, force: true });
const pending = [...ENTRIES];
const done = new Set();
for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
  if (done.has(file)) continue;
  done.add(file);
  const text = declarationsOf(file);
  for (const [, , path] of text.matchAll(SPECIFIER)) pending.push(resolve(dirname(file), `${path}.ts`));
  const target = join(out, relative(join(root, 'src'), file).replace(/\.ts$/, '.d.ts'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text.replace(SPECIFIER, '$1$2.js$3').replace(DECORATION, OWN_DECORATION));
}

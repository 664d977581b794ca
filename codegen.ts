import type { CodegenConfig } from '@graphql-codegen/cli';

const scalars = {
  ID: 'string',
  DateTime: 'string',
  Cursor: 'string',
  ChangefeedCursor: 'string',
  Count: 'number',
  JSON: 'unknown',
};
const common = { useTypeImports: true, enumsAsTypes: true, importExtension: '.ts' as const, scalars };
const preset = { preset: 'client' as const, presetConfig: { fragmentMasking: false } };

const config: CodegenConfig = {
  schema: 'schema.graphql',
  ignoreNoDocuments: true,
  generates: {
    // Typed documents of the operations that the tests send, as a front end would have them.
    'test/generated/': {
      ...preset,
      documents: ['test/**/*.ts', '!test/generated/**', '!test/node_modules/**'],
      config: common,
    },
    // The operations of the typed client, as texts: it needs no parser.
    'src/client/generated/': {
      ...preset,
      documents: ['src/client/*.ts'],
      config: { ...common, documentMode: 'string', onlyOperationTypes: true },
    },
  },
};

export default config;

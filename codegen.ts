import type { CodegenConfig } from '@graphql-codegen/cli';

// Typed documents of the operations that the tests send, as a front end would have them.
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/**/*.ts', '!test/generated/**', '!test/node_modules/**'],
  ignoreNoDocuments: true,
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        scalars: {
          ID: 'string',
          DateTime: 'string',
          Cursor: 'string',
          ChangefeedCursor: 'string',
          Count: 'number',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;

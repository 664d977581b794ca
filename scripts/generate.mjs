// Writes the Prisma client from its schema, with the generator that `prisma generate` runs, but without Prisma's CLI:
// the CLI depends on a studio and a development server, 160 MB, and on a package that refuses Node 20.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
// Its ES module builds do not load in Node.
const { getGenerators, loadSchemaContext } = require('@prisma/internals');
const { PrismaClientTsGenerator } = require('@prisma/client-generator-ts');

const schema = fileURLToPath(new URL('../prisma/sqlite/schema.prisma', import.meta.url));
const [generator] = await getGenerators({
  schemaContext: await loadSchemaContext({ schemaPath: { cliProvidedPath: schema }, printLoadMessage: false }),
  registry: { 'prisma-client': { type: 'in-process', generator: new PrismaClientTsGenerator() } },
  skipDownload: true,
  cliCommand: 'generate',
});
await generator.generate();
generator.stop();

import { defineConfig } from 'prisma/config';

// For people who look at a store with Prisma's own tools: `npx prisma studio`, `npx prisma migrate status`.
export default defineConfig({
  schema: 'prisma/sqlite/schema.prisma',
  migrations: { path: 'prisma/sqlite/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'file:./data/signalbox.db' },
});

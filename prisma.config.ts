// For people who look at a store with Prisma's own tools, which are not installed here: `npx prisma@7.10.0 studio`,
// `npx prisma@7.10.0 migrate status`.
export default {
  schema: 'prisma/sqlite/schema.prisma',
  migrations: { path: 'prisma/sqlite/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'file:./data/signalbox.db' },
};

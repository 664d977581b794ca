import { type Example, variables } from './playground-examples.ts';

/** The other kinds of job, on the table that the second example makes. */
export const kindExamples: readonly Example[] = [
  {
    query: `# 12. BACKUP. A snapshot of the database at one
#     moment, below files/ of the data folder.
#     For a second one, change the destination;
#     with incrementalFrom it stores only what
#     the older one lacks.
mutation BackUp($input: CreateBackupInput!) {
  createBackup(input: $input) {
    job {
      id
      status
      description
    }
  }
}
`,
    variables: variables({ input: { database: 'demo', destination: 'nodelocal:///backups/first' } }),
  },
  {
    query: `# 13. SHOW BACKUP: what is in it.
query ShowBackup($url: String!) {
  backup(url: $url) {
    complete
    createdAt
    sizeBytes
    tables {
      name
      rows
    }
  }
}
`,
    variables: variables({ url: 'nodelocal:///backups/first' }),
  },
  {
    query: `# 14. RESTORE, into a database that is made: it
#     appears when the job has succeeded.
mutation Restore($input: CreateRestoreInput!) {
  createRestore(input: $input) {
    job {
      id
      status
      description
    }
  }
}
`,
    variables: variables({ input: { source: 'nodelocal:///backups/first', database: 'copy' } }),
  },
  {
    query: `# 15. SCHEMA CHANGE: all or none of these, while
#     the table is in use. It cannot be paused.
mutation ChangeSchema(
  $input: CreateSchemaChangeInput!
) {
  createSchemaChange(input: $input) {
    job {
      id
      status
      description
    }
  }
}
`,
    variables: variables({
      input: {
        database: 'demo',
        changes: [
          { alterColumn: { table: 'people', column: 'email', nullable: false } },
          { createIndex: { table: 'people', name: 'people_city', columns: ['city'] } },
        ],
      },
    }),
  },
];

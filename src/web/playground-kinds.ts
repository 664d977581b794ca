import { type Example, variables } from './playground-examples.ts';

/** Examples of the other kinds of jobs, which use the table that the second example creates. */
export const kindExamples: readonly Example[] = [
  {
    query: `# 12. BACKUP. A snapshot of the database at one
#     moment, below files/ of the data folder.
#     For a second one, change the destination;
#     with incrementalFrom it stores only what
#     its parent lacks.
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
    query: `# 13. SHOW BACKUP: its state and its tables.
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
    query: `# 14. RESTORE into a new database, which appears
#     when the job has succeeded.
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
    query: `# 15. SCHEMA CHANGE: all of these or none, while
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

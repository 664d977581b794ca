/** A tab of the playground. It is named after its first operation. */
export interface Example {
  readonly query: string;
  readonly variables?: string;
}

/**
 * A placeholder for an id. It is the number in the documentation of CANCEL JOB, and no job here has it: a command that
 * is run unchanged changes nothing and reports NOT_FOUND.
 */
const idToPaste = { ids: ['27536791415282'] };

/**
 * The tabs with which the playground opens, in the order in which a newcomer would run them. Each tab has one
 * operation, so that one click runs it; names and lines are short enough for a window of 1,280 pixels, where the editor
 * does not wrap.
 */
export const examples: readonly Example[] = [
  {
    query: `# 1. A database to work in: a new SQLite file in
#    the data folder. Ctrl-Enter runs it.
#    A second run is refused with CONFLICT.
mutation CreateDatabase($name: String!) {
  createDatabase(input: { name: $name }) {
    database {
      name
      url
    }
  }
}
`,
    variables: variables({ name: 'demo' }),
  },
  {
    query: `# 2. A job: the sample file into a new table.
#    20,000 rows at 500 a second take 40 seconds:
#    enough to watch it and to pause it. Copy the
#    id from the answer for Pause, Resume, Cancel.
#    The job creates the table: to import again,
#    change its name below.
mutation ImportSample(
  $database: String!
  $table: String!
  $maxRowsPerSecond: Int
) {
  createImport(
    input: {
      database: $database
      table: $table
      columns: [
        { name: "id", type: "INTEGER",
          primaryKey: true }
        { name: "name", type: "TEXT" }
        { name: "email", type: "TEXT" }
        { name: "city", type: "TEXT" }
        { name: "balance", type: "REAL" }
        { name: "joined", type: "TEXT" }
      ]
      sources: ["nodelocal:///sample.csv"]
      maxRowsPerSecond: $maxRowsPerSecond
    }
  ) {
    job {
      id
      status
      description
    }
  }
}
`,
    variables: variables({ database: 'demo', table: 'people', maxRowsPerSecond: 500 }),
  },
  {
    query: `# 3. SHOW JOBS, newest first. Run it again to see
#    the fraction grow. availableCommands lists
#    the commands that would change the job now.
query ListJobs($first: Int!) {
  jobs(first: $first) {
    nodes {
      id
      type
      description
      status
      fractionCompleted
      availableCommands
    }
  }
}
`,
    variables: variables({ first: 20 }),
  },
  {
    query: `# 4. Every status change, as soon as it is
#    committed; the latest is shown. Switching to
#    another tab ends it: let it run here, and
#    send commands from a second window.
subscription Watch {
  jobStatusChanged {
    cursor
    at
    jobId
    from
    to
    actor {
      kind
      name
    }
    command
    reason
  }
}
`,
  },
  {
    query: `# 5. PAUSE JOB. Paste the id of a job below;
#    several in the list are paused together.
#    A running job saves a checkpoint first: it
#    is PAUSE_REQUESTED, then PAUSED.
mutation Pause($ids: [ID!]!, $reason: String) {
  pauseJobs(
    jobs: { ids: $ids }
    reason: $reason
  ) {
    ${outcome()}
  }
}
`,
    variables: variables({ ...idToPaste, reason: 'Trying it' }),
  },
  {
    query: `# 6. RESUME JOB. Paste the id of a paused job: it
#    continues where it stopped; no row is read
#    twice.
mutation Resume($ids: [ID!]!) {
  resumeJobs(jobs: { ids: $ids }) {
    ${outcome()}
  }
}
`,
    variables: variables(idToPaste),
  },
  {
    query: `# 7. CANCEL JOB. Paste an id. The job undoes its
#    work and ends; it cannot be resumed.
mutation Cancel($ids: [ID!]!, $reason: String) {
  cancelJobs(
    jobs: { ids: $ids }
    reason: $reason
  ) {
    ${outcome()}
  }
}
`,
    variables: variables({ ...idToPaste, reason: 'Trying it' }),
  },
  {
    query: `# 8. CREATE CHANGEFEED. Once the import is done:
#    every change of its table by any program.
#    Without a sink, the next tab reads it: copy
#    the id from the answer.
mutation WatchTable(
  $database: String!
  $tables: [String!]!
) {
  createChangefeed(
    input: {
      database: $database
      tables: $tables
      updated: true
    }
  ) {
    job {
      id
      status
      description
    }
  }
}
`,
    variables: variables({ database: 'demo', tables: ['people'] }),
  },
  {
    query: `# 9. A table's changes, live. Paste the id of a
#    changefeed. The existing rows come first.
#    Then change one in another program, such as
#    sqlite3 data/databases/demo.db
#    "UPDATE people SET city = 'Rome' WHERE id = 1"
#    With the last cursor as after, all messages
#    up to it are acknowledged and not repeated.
subscription Changes(
  $jobId: ID!
  $after: ChangefeedCursor
) {
  changefeed(jobId: $jobId, after: $after) {
    ... on ChangefeedRow {
      cursor
      table
      key
      after
      deleted
      updated
    }
    ... on ChangefeedResolved {
      cursor
      resolved
    }
  }
}
`,
    variables: variables({ jobId: idToPaste.ids[0] }),
  },
];

/** The nested SELECT of the statements: all jobs of maxroach. */
export const filterExamples: readonly Example[] = [
  {
    query: `# 10. A second user, besides root.
#    To start a job as maxroach, run ImportSample
#    with another table's name and, in Headers,
#    { "X-Signalbox-User": "maxroach" }
mutation AddMaxroach(
  $name: String!
  $privileges: [Privilege!]!
) {
  createUser(
    input: { name: $name, privileges: $privileges }
  ) {
    user {
      name
      privileges
    }
  }
}
`,
    variables: variables({ name: 'maxroach', privileges: ['CREATEJOB'] }),
  },
  {
    query: `# 11. PAUSE JOBS (SELECT job_id FROM [SHOW JOBS]
#    WHERE user_name = 'maxroach'). A dry run: it
#    reports what would happen, changing nothing.
#    Remove dryRun to apply it; resumeJobs and
#    cancelJobs select in the same way.
mutation PauseJobsOfMaxroach($jobs: JobSelector!) {
  pauseJobs(jobs: $jobs, dryRun: true) {
    applied
    selectedCount
    changedCount
    unchangedCount
    refusedCount
    ${outcome()}
    cursor
  }
}
`,
    variables: variables({ jobs: { where: { userName: { equals: 'maxroach' } } } }),
  },
];

export function variables(values: object): string {
  return JSON.stringify(values, null, 2);
}

/** The per-job answer of a command, which is the same for all three. */
function outcome(): string {
  return `changed {
      jobId
      from
      to
    }
    refusals {
      jobId
      code
      message
    }`;
}

/** The operations of the client. */
import { graphql } from './generated/gql.ts';

graphql(/* GraphQL */ `
  fragment JobFields on Job {
    id
    type
    typeName
    description
    userName
    status
    statusMessage
    createdAt
    startedAt
    finishedAt
    modifiedAt
    fractionCompleted
    estimatedFinishAt
    counters {
      name
      value
    }
    error
    attempts
    nextAttemptAt
    pauseReason
    coordinator
    availableCommands
    inputJson
    warnings
  }
`);

export const JOB = graphql(/* GraphQL */ `
  query ClientJob($id: ID!) {
    job(id: $id) {
      ...JobFields
    }
  }
`);

export const JOBS = graphql(/* GraphQL */ `
  query ClientJobs($where: JobFilter, $orderBy: JobOrder, $first: Int!, $after: String) {
    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after) {
      cursor
      nodes {
        ...JobFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CREATE = graphql(/* GraphQL */ `
  mutation ClientCreate($input: CreateJobInput!) {
    createJob(input: $input) {
      created
      job {
        ...JobFields
      }
    }
  }
`);

graphql(/* GraphQL */ `
  fragment OutcomeFields on ControlJobsPayload {
    commandId
    applied
    dryRun
    selectedCount
    changedCount
    unchangedCount
    refusedCount
    cursor
    changed {
      jobId
      from
      to
    }
    refusals {
      jobId
      code
      message
    }
  }
`);

export const PAUSE = graphql(/* GraphQL */ `
  mutation ClientPause(
    $jobs: JobSelector!
    $dryRun: Boolean! = false
    $reason: String
    $onRefusal: RefusalPolicy! = SKIP
    $expectedCount: Int
    $unchangedSince: Cursor
  ) {
    outcome: pauseJobs(
      jobs: $jobs
      dryRun: $dryRun
      reason: $reason
      onRefusal: $onRefusal
      expectedCount: $expectedCount
      unchangedSince: $unchangedSince
    ) {
      ...OutcomeFields
    }
  }
`);

export const RESUME = graphql(/* GraphQL */ `
  mutation ClientResume(
    $jobs: JobSelector!
    $dryRun: Boolean! = false
    $reason: String
    $onRefusal: RefusalPolicy! = SKIP
    $expectedCount: Int
    $unchangedSince: Cursor
  ) {
    outcome: resumeJobs(
      jobs: $jobs
      dryRun: $dryRun
      reason: $reason
      onRefusal: $onRefusal
      expectedCount: $expectedCount
      unchangedSince: $unchangedSince
    ) {
      ...OutcomeFields
    }
  }
`);

export const CANCEL = graphql(/* GraphQL */ `
  mutation ClientCancel(
    $jobs: JobSelector!
    $dryRun: Boolean! = false
    $reason: String
    $onRefusal: RefusalPolicy! = SKIP
    $expectedCount: Int
    $unchangedSince: Cursor
  ) {
    outcome: cancelJobs(
      jobs: $jobs
      dryRun: $dryRun
      reason: $reason
      onRefusal: $onRefusal
      expectedCount: $expectedCount
      unchangedSince: $unchangedSince
    ) {
      ...OutcomeFields
    }
  }
`);

export const FOLLOW = graphql(/* GraphQL */ `
  subscription ClientFollow($where: JobEventFilter, $after: Cursor) {
    jobStatusChanged(where: $where, after: $after) {
      cursor
      at
      jobId
      from
      to
      command
      commandId
      reason
      error
      actor {
        kind
        name
      }
    }
  }
`);

export const END_OF_LOG = graphql(/* GraphQL */ `
  query ClientEndOfLog {
    jobs(first: 0) {
      cursor
    }
  }
`);

export const WATCH = graphql(/* GraphQL */ `
  subscription ClientWatch($where: JobFilter, $first: Int!, $throttleMs: Int!) {
    jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) {
      kind
      jobId
      job {
        ...JobFields
      }
    }
  }
`);

export const SETTLED = graphql(/* GraphQL */ `
  subscription ClientSettled($ids: [ID!]!) {
    jobsSettled(jobs: { ids: $ids }) {
      ...JobFields
    }
  }
`);

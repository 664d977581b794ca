/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment JobFields on Job {\n    id\n    type\n    typeName\n    description\n    userName\n    status\n    statusMessage\n    createdAt\n    startedAt\n    finishedAt\n    modifiedAt\n    fractionCompleted\n    estimatedFinishAt\n    counters {\n      name\n      value\n    }\n    error\n    attempts\n    nextAttemptAt\n    pauseReason\n    coordinator\n    availableCommands\n    inputJson\n    warnings\n  }\n": typeof types.JobFieldsFragmentDoc,
    "\n  query ClientJob($id: ID!) {\n    job(id: $id) {\n      ...JobFields\n    }\n  }\n": typeof types.ClientJobDocument,
    "\n  query ClientJobs($where: JobFilter, $orderBy: JobOrder, $first: Int!, $after: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after) {\n      cursor\n      nodes {\n        ...JobFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ClientJobsDocument,
    "\n  mutation ClientCreate($input: CreateJobInput!) {\n    createJob(input: $input) {\n      created\n      job {\n        ...JobFields\n      }\n    }\n  }\n": typeof types.ClientCreateDocument,
    "\n  fragment OutcomeFields on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    cursor\n    changed {\n      jobId\n      from\n      to\n    }\n    refusals {\n      jobId\n      code\n      message\n    }\n  }\n": typeof types.OutcomeFieldsFragmentDoc,
    "\n  mutation ClientPause(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: pauseJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n": typeof types.ClientPauseDocument,
    "\n  mutation ClientResume(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: resumeJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n": typeof types.ClientResumeDocument,
    "\n  mutation ClientCancel(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: cancelJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n": typeof types.ClientCancelDocument,
    "\n  subscription ClientFollow($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      at\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": typeof types.ClientFollowDocument,
    "\n  query ClientEndOfLog {\n    jobs(first: 0) {\n      cursor\n    }\n  }\n": typeof types.ClientEndOfLogDocument,
    "\n  subscription ClientWatch($where: JobFilter, $first: Int!, $throttleMs: Int!) {\n    jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) {\n      kind\n      jobId\n      job {\n        ...JobFields\n      }\n    }\n  }\n": typeof types.ClientWatchDocument,
    "\n  subscription ClientSettled($ids: [ID!]!) {\n    jobsSettled(jobs: { ids: $ids }) {\n      ...JobFields\n    }\n  }\n": typeof types.ClientSettledDocument,
};
const documents: Documents = {
    "\n  fragment JobFields on Job {\n    id\n    type\n    typeName\n    description\n    userName\n    status\n    statusMessage\n    createdAt\n    startedAt\n    finishedAt\n    modifiedAt\n    fractionCompleted\n    estimatedFinishAt\n    counters {\n      name\n      value\n    }\n    error\n    attempts\n    nextAttemptAt\n    pauseReason\n    coordinator\n    availableCommands\n    inputJson\n    warnings\n  }\n": types.JobFieldsFragmentDoc,
    "\n  query ClientJob($id: ID!) {\n    job(id: $id) {\n      ...JobFields\n    }\n  }\n": types.ClientJobDocument,
    "\n  query ClientJobs($where: JobFilter, $orderBy: JobOrder, $first: Int!, $after: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after) {\n      cursor\n      nodes {\n        ...JobFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ClientJobsDocument,
    "\n  mutation ClientCreate($input: CreateJobInput!) {\n    createJob(input: $input) {\n      created\n      job {\n        ...JobFields\n      }\n    }\n  }\n": types.ClientCreateDocument,
    "\n  fragment OutcomeFields on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    cursor\n    changed {\n      jobId\n      from\n      to\n    }\n    refusals {\n      jobId\n      code\n      message\n    }\n  }\n": types.OutcomeFieldsFragmentDoc,
    "\n  mutation ClientPause(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: pauseJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n": types.ClientPauseDocument,
    "\n  mutation ClientResume(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: resumeJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n": types.ClientResumeDocument,
    "\n  mutation ClientCancel(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: cancelJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n": types.ClientCancelDocument,
    "\n  subscription ClientFollow($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      at\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": types.ClientFollowDocument,
    "\n  query ClientEndOfLog {\n    jobs(first: 0) {\n      cursor\n    }\n  }\n": types.ClientEndOfLogDocument,
    "\n  subscription ClientWatch($where: JobFilter, $first: Int!, $throttleMs: Int!) {\n    jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) {\n      kind\n      jobId\n      job {\n        ...JobFields\n      }\n    }\n  }\n": types.ClientWatchDocument,
    "\n  subscription ClientSettled($ids: [ID!]!) {\n    jobsSettled(jobs: { ids: $ids }) {\n      ...JobFields\n    }\n  }\n": types.ClientSettledDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment JobFields on Job {\n    id\n    type\n    typeName\n    description\n    userName\n    status\n    statusMessage\n    createdAt\n    startedAt\n    finishedAt\n    modifiedAt\n    fractionCompleted\n    estimatedFinishAt\n    counters {\n      name\n      value\n    }\n    error\n    attempts\n    nextAttemptAt\n    pauseReason\n    coordinator\n    availableCommands\n    inputJson\n    warnings\n  }\n"): typeof import('./graphql.ts').JobFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientJob($id: ID!) {\n    job(id: $id) {\n      ...JobFields\n    }\n  }\n"): typeof import('./graphql.ts').ClientJobDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientJobs($where: JobFilter, $orderBy: JobOrder, $first: Int!, $after: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after) {\n      cursor\n      nodes {\n        ...JobFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ClientJobsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClientCreate($input: CreateJobInput!) {\n    createJob(input: $input) {\n      created\n      job {\n        ...JobFields\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ClientCreateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OutcomeFields on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    cursor\n    changed {\n      jobId\n      from\n      to\n    }\n    refusals {\n      jobId\n      code\n      message\n    }\n  }\n"): typeof import('./graphql.ts').OutcomeFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClientPause(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: pauseJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n"): typeof import('./graphql.ts').ClientPauseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClientResume(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: resumeJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n"): typeof import('./graphql.ts').ClientResumeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClientCancel(\n    $jobs: JobSelector!\n    $dryRun: Boolean! = false\n    $reason: String\n    $onRefusal: RefusalPolicy! = SKIP\n    $expectedCount: Int\n    $unchangedSince: Cursor\n  ) {\n    outcome: cancelJobs(\n      jobs: $jobs\n      dryRun: $dryRun\n      reason: $reason\n      onRefusal: $onRefusal\n      expectedCount: $expectedCount\n      unchangedSince: $unchangedSince\n    ) {\n      ...OutcomeFields\n    }\n  }\n"): typeof import('./graphql.ts').ClientCancelDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ClientFollow($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      at\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ClientFollowDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientEndOfLog {\n    jobs(first: 0) {\n      cursor\n    }\n  }\n"): typeof import('./graphql.ts').ClientEndOfLogDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ClientWatch($where: JobFilter, $first: Int!, $throttleMs: Int!) {\n    jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) {\n      kind\n      jobId\n      job {\n        ...JobFields\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ClientWatchDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ClientSettled($ids: [ID!]!) {\n    jobsSettled(jobs: { ids: $ids }) {\n      ...JobFields\n    }\n  }\n"): typeof import('./graphql.ts').ClientSettledDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

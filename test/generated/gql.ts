/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

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
    "\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": typeof types.PauseOneDocument,
    "\n  query Log($after: Cursor) {\n    jobEvents(first: 250, after: $after) {\n      nodes {\n        ... on JobStatusChange {\n          cursor\n          jobId\n          from\n          to\n          command\n          reason\n          error\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.LogDocument,
    "\n  mutation PauseAll($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      changedCount\n      cursor\n    }\n  }\n": typeof types.PauseAllDocument,
    "\n  mutation ResumeAll($ids: [ID!]!) {\n    resumeJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": typeof types.ResumeAllDocument,
    "\n  mutation CancelAll($ids: [ID!]!) {\n    cancelJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": typeof types.CancelAllDocument,
    "\n  mutation AddUser($name: String!, $privileges: [Privilege!]!) {\n    createUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        name\n      }\n    }\n  }\n": typeof types.AddUserDocument,
    "\n  query Owners {\n    jobs(first: 1000) {\n      nodes {\n        id\n        userName\n      }\n    }\n  }\n": typeof types.OwnersDocument,
    "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": typeof types.ChangesDocument,
    "\n    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": typeof types.PauseDocument,
    "\n    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": typeof types.ResumeDocument,
    "\n    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": typeof types.CancelDocument,
    "\n  fragment Outcome on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    changed(first: 10000) {\n      jobId\n      from\n      to\n    }\n    refusals(first: 10000) {\n      jobId\n      code\n      message\n    }\n    cursor\n  }\n": typeof types.OutcomeFragmentDoc,
    "\n  query JobNow($id: ID!) {\n    job(id: $id) {\n      id\n      status\n      statusMessage\n      createdAt\n      startedAt\n      finishedAt\n      modifiedAt\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      error\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      attempts\n      nextAttemptAt\n      pauseReason\n      coordinator\n      availableCommands\n      events(first: 1000) {\n        nodes {\n          cursor\n          ... on JobStatusChange {\n            from\n            to\n            command\n            commandId\n            reason\n            error\n            actor {\n              kind\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.JobNowDocument,
    "\n  mutation CreateUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n": typeof types.CreateUserDocument,
};
const documents: Documents = {
    "\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": types.PauseOneDocument,
    "\n  query Log($after: Cursor) {\n    jobEvents(first: 250, after: $after) {\n      nodes {\n        ... on JobStatusChange {\n          cursor\n          jobId\n          from\n          to\n          command\n          reason\n          error\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.LogDocument,
    "\n  mutation PauseAll($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      changedCount\n      cursor\n    }\n  }\n": types.PauseAllDocument,
    "\n  mutation ResumeAll($ids: [ID!]!) {\n    resumeJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": types.ResumeAllDocument,
    "\n  mutation CancelAll($ids: [ID!]!) {\n    cancelJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": types.CancelAllDocument,
    "\n  mutation AddUser($name: String!, $privileges: [Privilege!]!) {\n    createUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        name\n      }\n    }\n  }\n": types.AddUserDocument,
    "\n  query Owners {\n    jobs(first: 1000) {\n      nodes {\n        id\n        userName\n      }\n    }\n  }\n": types.OwnersDocument,
    "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": types.ChangesDocument,
    "\n    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": types.PauseDocument,
    "\n    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": types.ResumeDocument,
    "\n    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": types.CancelDocument,
    "\n  fragment Outcome on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    changed(first: 10000) {\n      jobId\n      from\n      to\n    }\n    refusals(first: 10000) {\n      jobId\n      code\n      message\n    }\n    cursor\n  }\n": types.OutcomeFragmentDoc,
    "\n  query JobNow($id: ID!) {\n    job(id: $id) {\n      id\n      status\n      statusMessage\n      createdAt\n      startedAt\n      finishedAt\n      modifiedAt\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      error\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      attempts\n      nextAttemptAt\n      pauseReason\n      coordinator\n      availableCommands\n      events(first: 1000) {\n        nodes {\n          cursor\n          ... on JobStatusChange {\n            from\n            to\n            command\n            commandId\n            reason\n            error\n            actor {\n              kind\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n": types.JobNowDocument,
    "\n  mutation CreateUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n": types.CreateUserDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"): (typeof documents)["\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Log($after: Cursor) {\n    jobEvents(first: 250, after: $after) {\n      nodes {\n        ... on JobStatusChange {\n          cursor\n          jobId\n          from\n          to\n          command\n          reason\n          error\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Log($after: Cursor) {\n    jobEvents(first: 250, after: $after) {\n      nodes {\n        ... on JobStatusChange {\n          cursor\n          jobId\n          from\n          to\n          command\n          reason\n          error\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseAll($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      changedCount\n      cursor\n    }\n  }\n"): (typeof documents)["\n  mutation PauseAll($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      changedCount\n      cursor\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResumeAll($ids: [ID!]!) {\n    resumeJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n"): (typeof documents)["\n  mutation ResumeAll($ids: [ID!]!) {\n    resumeJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelAll($ids: [ID!]!) {\n    cancelJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n"): (typeof documents)["\n  mutation CancelAll($ids: [ID!]!) {\n    cancelJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddUser($name: String!, $privileges: [Privilege!]!) {\n    createUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddUser($name: String!, $privileges: [Privilege!]!) {\n    createUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Owners {\n    jobs(first: 1000) {\n      nodes {\n        id\n        userName\n      }\n    }\n  }\n"): (typeof documents)["\n  query Owners {\n    jobs(first: 1000) {\n      nodes {\n        id\n        userName\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  "): (typeof documents)["\n    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  "): (typeof documents)["\n    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  "): (typeof documents)["\n    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Outcome on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    changed(first: 10000) {\n      jobId\n      from\n      to\n    }\n    refusals(first: 10000) {\n      jobId\n      code\n      message\n    }\n    cursor\n  }\n"): (typeof documents)["\n  fragment Outcome on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    changed(first: 10000) {\n      jobId\n      from\n      to\n    }\n    refusals(first: 10000) {\n      jobId\n      code\n      message\n    }\n    cursor\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query JobNow($id: ID!) {\n    job(id: $id) {\n      id\n      status\n      statusMessage\n      createdAt\n      startedAt\n      finishedAt\n      modifiedAt\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      error\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      attempts\n      nextAttemptAt\n      pauseReason\n      coordinator\n      availableCommands\n      events(first: 1000) {\n        nodes {\n          cursor\n          ... on JobStatusChange {\n            from\n            to\n            command\n            commandId\n            reason\n            error\n            actor {\n              kind\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query JobNow($id: ID!) {\n    job(id: $id) {\n      id\n      status\n      statusMessage\n      createdAt\n      startedAt\n      finishedAt\n      modifiedAt\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      error\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      attempts\n      nextAttemptAt\n      pauseReason\n      coordinator\n      availableCommands\n      events(first: 1000) {\n        nodes {\n          cursor\n          ... on JobStatusChange {\n            from\n            to\n            command\n            commandId\n            reason\n            error\n            actor {\n              kind\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;
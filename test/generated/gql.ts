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
    "\n  mutation Pause($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      commandId\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      changed {\n        jobId\n        from\n        to\n      }\n      refusals {\n        jobId\n        code\n        message\n      }\n      cursor\n    }\n  }\n": typeof types.PauseDocument,
    "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": typeof types.ChangesDocument,
};
const documents: Documents = {
    "\n  mutation Pause($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      commandId\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      changed {\n        jobId\n        from\n        to\n      }\n      refusals {\n        jobId\n        code\n        message\n      }\n      cursor\n    }\n  }\n": types.PauseDocument,
    "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": types.ChangesDocument,
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
export function graphql(source: "\n  mutation Pause($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      commandId\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      changed {\n        jobId\n        from\n        to\n      }\n      refusals {\n        jobId\n        code\n        message\n      }\n      cursor\n    }\n  }\n"): (typeof documents)["\n  mutation Pause($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      commandId\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      changed {\n        jobId\n        from\n        to\n      }\n      refusals {\n        jobId\n        code\n        message\n      }\n      cursor\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;
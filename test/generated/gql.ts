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
    "\n    mutation PauseSelected(\n      $jobs: JobSelector!\n      $onRefusal: RefusalPolicy! = SKIP\n      $dryRun: Boolean! = false\n      $expectedCount: Int\n      $unchangedSince: Cursor\n    ) {\n      outcome: pauseJobs(\n        jobs: $jobs\n        onRefusal: $onRefusal\n        dryRun: $dryRun\n        expectedCount: $expectedCount\n        unchangedSince: $unchangedSince\n      ) {\n        ...Outcome\n      }\n    }\n  ": typeof types.PauseSelectedDocument,
    "\n    mutation ResumeSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: resumeJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  ": typeof types.ResumeSelectedDocument,
    "\n    mutation CancelSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: cancelJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  ": typeof types.CancelSelectedDocument,
    "\n  query LogAndJobs {\n    jobs(first: 1000) {\n      cursor\n      nodes {\n        id\n        status\n        modifiedAt\n        pauseReason\n      }\n    }\n  }\n": typeof types.LogAndJobsDocument,
    "\n  mutation Grant($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        allDatabases\n        databases\n        allFiles\n        filesFolder\n      }\n    }\n  }\n": typeof types.GrantDocument,
    "\n  query SeenDatabases($name: String!, $id: ID!) {\n    databases {\n      name\n    }\n    database(name: $name) {\n      name\n    }\n    node(id: $id) {\n      id\n    }\n  }\n": typeof types.SeenDatabasesDocument,
    "\n  query Waiting($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      blockedBy {\n        id\n      }\n    }\n  }\n": typeof types.WaitingDocument,
    "\n  mutation PauseFirst($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": typeof types.PauseFirstDocument,
    "\n  mutation CancelFirst($id: ID!) {\n    cancelJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": typeof types.CancelFirstDocument,
    "\n  query ListedNames {\n    databases {\n      name\n    }\n  }\n": typeof types.ListedNamesDocument,
    "\n  mutation CreateOfName($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateOfNameDocument,
    "\n  query Jobs {\n    jobs {\n      totalCount\n      nodes {\n        id\n        userName\n      }\n    }\n    jobEvents {\n      nodes {\n        jobId\n      }\n    }\n  }\n": typeof types.JobsDocument,
    "\n  query WholeLog {\n    jobEvents(first: 1000) {\n      nodes {\n        cursor\n        at\n        jobId\n        ... on JobStatusChange {\n          from\n          to\n        }\n      }\n    }\n  }\n": typeof types.WholeLogDocument,
    "\n  mutation BackUpFaulty($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": typeof types.BackUpFaultyDocument,
    "\n  mutation RestoreFaulty($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": typeof types.RestoreFaultyDocument,
    "\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": typeof types.PauseOneDocument,
    "\n  mutation AddPerson($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n": typeof types.AddPersonDocument,
    "\n  query Seen($id: ID!) {\n    jobs {\n      totalCount\n      nodes {\n        id\n      }\n    }\n    job(id: $id) {\n      id\n      availableCommands\n    }\n    node(id: $id) {\n      id\n    }\n    jobEvents {\n      nodes {\n        jobId\n        job {\n          id\n        }\n      }\n    }\n  }\n": typeof types.SeenDocument,
    "\n  mutation PauseAsUser($ids: [ID!]!) {\n    pauseJobs(jobs: { ids: $ids }) {\n      changedCount\n      selectedCount\n      changed {\n        jobId\n      }\n      refusals {\n        jobId\n        code\n        message\n        job {\n          id\n        }\n      }\n    }\n  }\n": typeof types.PauseAsUserDocument,
    "\n  mutation AddDatabaseByUrl($name: String!, $url: String) {\n    createDatabase(input: { name: $name, url: $url }) {\n      database {\n        id\n        name\n        url\n        error\n        tables {\n          name\n          rowCount\n          columns {\n            name\n            type\n            nullable\n            primaryKey\n            default\n          }\n          indexes {\n            name\n            columns\n            unique\n          }\n        }\n      }\n    }\n  }\n": typeof types.AddDatabaseByUrlDocument,
    "\n  query DatabaseNames {\n    databases {\n      name\n      error\n    }\n  }\n": typeof types.DatabaseNamesDocument,
    "\n  query ListFiles($prefix: String, $first: Int! = 100, $after: String) {\n    files(prefix: $prefix, first: $first, after: $after) {\n      edges {\n        cursor\n      }\n      nodes {\n        path\n        size\n        modifiedAt\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ListFilesDocument,
    "\n  mutation DeleteFile($path: String!) {\n    deleteFile(input: { path: $path }) {\n      path\n    }\n  }\n": typeof types.DeleteFileDocument,
    "\n      mutation ShopForFiles {\n        createDatabase(input: { name: \"shop\" }) {\n          database {\n            name\n          }\n        }\n      }\n    ": typeof types.ShopForFilesDocument,
    "\n  query Filtered($where: JobFilter, $orderBy: JobOrder, $first: Int, $after: String, $last: Int, $before: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": typeof types.FilteredDocument,
    "\n  query Counts($where: JobFilter) {\n    jobCounts(where: $where) {\n      type\n      status\n      count\n    }\n  }\n": typeof types.CountsDocument,
    "\n  query FilteredEvents($where: JobEventFilter) {\n    jobEvents(where: $where, first: 1000) {\n      nodes {\n        cursor\n      }\n    }\n  }\n": typeof types.FilteredEventsDocument,
    "\n  subscription FilteredChanges($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      to\n    }\n  }\n": typeof types.FilteredChangesDocument,
    "\n  query Log($after: Cursor) {\n    jobEvents(first: 250, after: $after) {\n      nodes {\n        ... on JobStatusChange {\n          cursor\n          jobId\n          from\n          to\n          command\n          reason\n          error\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.LogDocument,
    "\n  mutation PauseAll($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      changedCount\n      cursor\n    }\n  }\n": typeof types.PauseAllDocument,
    "\n  mutation ResumeAll($ids: [ID!]!) {\n    resumeJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": typeof types.ResumeAllDocument,
    "\n  mutation CancelAll($ids: [ID!]!) {\n    cancelJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": typeof types.CancelAllDocument,
    "\n  mutation AddUser($name: String!, $privileges: [Privilege!]!) {\n    createUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        name\n      }\n    }\n  }\n": typeof types.AddUserDocument,
    "\n  query Owners {\n    jobs(first: 1000) {\n      nodes {\n        id\n        userName\n      }\n    }\n  }\n": typeof types.OwnersDocument,
    "\n  query Page($first: Int, $after: String, $last: Int, $before: String) {\n    jobs(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n      cursor\n    }\n  }\n": typeof types.PageDocument,
    "\n  query Count {\n    jobs(first: 0) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n      }\n    }\n  }\n": typeof types.CountDocument,
    "\n  query Events($first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    jobEvents(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          cursor\n          jobId\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": typeof types.EventsDocument,
    "\n  query EventsOf($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    job(id: $id) {\n      events(first: $first, after: $after, last: $last, before: $before) {\n        nodes {\n          cursor\n          jobId\n          at\n          actor {\n            kind\n            name\n          }\n          job {\n            id\n          }\n          ... on JobStatusChange {\n            from\n            to\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n        }\n      }\n    }\n  }\n": typeof types.EventsOfDocument,
    "\n  query Job($id: ID!) {\n    job(id: $id) {\n      __typename\n      id\n      type\n      typeName\n      status\n      attempts\n      estimatedFinishAt\n      modifiedAt\n      fractionCompleted\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      blockedBy {\n        id\n      }\n    }\n  }\n": typeof types.JobDocument,
    "\n  query Node($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n": typeof types.NodeDocument,
    "\n  mutation AddDatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        id\n        name\n        error\n      }\n    }\n  }\n": typeof types.AddDatabaseDocument,
    "\n  subscription HeardOfRows($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      jobId\n      to\n      reason\n      error\n      job {\n        error\n        rowError\n        statusMessage\n        pauseReason\n        warnings\n        executionErrors {\n          message\n        }\n        ... on ImportJob {\n          rejects {\n            nodes {\n              line\n              column\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.HeardOfRowsDocument,
    "\n  query LogOfRows {\n    jobEvents(first: 100) {\n      nodes {\n        ... on JobStatusChange {\n          reason\n          error\n        }\n      }\n    }\n  }\n": typeof types.LogOfRowsDocument,
    "\n  query FoundByError($text: String!) {\n    jobs(where: { error: { contains: $text } }) {\n      nodes {\n        id\n      }\n    }\n  }\n": typeof types.FoundByErrorDocument,
    "\n  query FailedOverRow($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      rowError\n    }\n  }\n": typeof types.FailedOverRowDocument,
    "\n  mutation AddAnyUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n": typeof types.AddAnyUserDocument,
    "\n  mutation UpdateAnyUser($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n": typeof types.UpdateAnyUserDocument,
    "\n  query Users {\n    users {\n      name\n      isAdmin\n      privileges\n    }\n  }\n": typeof types.UsersDocument,
    "\n  query Viewer {\n    viewer {\n      name\n      isAdmin\n      privileges\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  query Databases {\n    databases {\n      name\n    }\n  }\n": typeof types.DatabasesDocument,
    "\n  query Database($name: String!) {\n    database(name: $name) {\n      name\n      tables {\n        name\n      }\n    }\n  }\n": typeof types.DatabaseDocument,
    "\n  mutation AddADatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.AddADatabaseDocument,
    "\n  query Who($id: ID!) {\n    node(id: $id) {\n      id\n    }\n  }\n": typeof types.WhoDocument,
    "\n  mutation CreateBackedUp($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateBackedUpDocument,
    "\n  mutation BackUp($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n        description\n        destination\n      }\n    }\n  }\n": typeof types.BackUpDocument,
    "\n  mutation Restore($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n        description\n        source\n        tables\n      }\n    }\n  }\n": typeof types.RestoreDocument,
    "\n  query ShowBackup($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      complete\n      incrementalFrom\n      tables {\n        name\n        rows\n      }\n    }\n  }\n": typeof types.ShowBackupDocument,
    "\n  query ListCloudBackups($url: String!) {\n    backups(url: $url) {\n      nodes {\n        url\n        database\n        complete\n      }\n    }\n  }\n": typeof types.ListCloudBackupsDocument,
    "\n  mutation CreateForBackup($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateForBackupDocument,
    "\n  mutation BackUpHere($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        destination\n        bytesWritten\n      }\n    }\n  }\n": typeof types.BackUpHereDocument,
    "\n  mutation RestoreHere($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        source\n        database\n        tables\n        rowsRestored\n      }\n    }\n  }\n": typeof types.RestoreHereDocument,
    "\n  query EndedHere($id: ID!) {\n    job(id: $id) {\n      fractionCompleted\n      error\n      ... on BackupJob {\n        bytesWritten\n      }\n      ... on RestoreJob {\n        rowsRestored\n      }\n    }\n  }\n": typeof types.EndedHereDocument,
    "\n  query ShowBackupHere($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      createdAt\n      complete\n      incrementalFrom\n      sizeBytes\n      storedBytes\n      tables {\n        name\n        rows\n      }\n    }\n  }\n": typeof types.ShowBackupHereDocument,
    "\n  query NamesHere {\n    databases {\n      name\n    }\n  }\n": typeof types.NamesHereDocument,
    "\n  query ListBackups($url: String!, $first: Int! = 50, $after: String) {\n    backups(url: $url, first: $first, after: $after) {\n      edges {\n        cursor\n        node {\n          url\n        }\n      }\n      nodes {\n        url\n        database\n        createdAt\n        complete\n        incrementalFrom\n        storedBytes\n        tables {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": typeof types.ListBackupsDocument,
    "\n  mutation CreateWatched {\n    createDatabase(input: { name: \"watched\" }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateWatchedDocument,
    "\n  mutation CreateFeed($input: CreateChangefeedInput!) {\n    createChangefeed(input: $input) {\n      created\n      webhookSecret\n      job {\n        id\n        description\n        tables\n        sink\n        database\n      }\n    }\n  }\n": typeof types.CreateFeedDocument,
    "\n  query FeedJob($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      error\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      ... on ChangefeedJob {\n        highWater\n        messagesEmitted\n      }\n    }\n  }\n": typeof types.FeedJobDocument,
    "\n  subscription ReadFeed($id: ID!, $after: ChangefeedCursor) {\n    changefeed(jobId: $id, after: $after) {\n      __typename\n      ... on ChangefeedRow {\n        cursor\n        table\n        key\n        after\n        before\n        deleted\n        updated\n      }\n      ... on ChangefeedResolved {\n        cursor\n        resolved\n      }\n    }\n  }\n": typeof types.ReadFeedDocument,
    "\n  mutation AlterWatched($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": typeof types.AlterWatchedDocument,
    "\n  mutation CreateShop {\n    createDatabase(input: { name: \"shop\" }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateShopDocument,
    "\n  mutation ImportGoods($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        description\n      }\n    }\n  }\n": typeof types.ImportGoodsDocument,
    "\n  query Rejects($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    job(id: $id) {\n      error\n      ... on ImportJob {\n        rowsImported\n        rowsRejected\n        rejects(first: $first, after: $after, last: $last, before: $before) {\n          edges {\n            cursor\n          }\n          nodes {\n            source\n            line\n            column\n            reason\n            text\n          }\n          pageInfo {\n            hasNextPage\n            hasPreviousPage\n            startCursor\n            endCursor\n          }\n        }\n      }\n    }\n  }\n": typeof types.RejectsDocument,
    "\n  query ConflictCounts($id: ID!) {\n    job(id: $id) {\n      description\n      ... on ImportJob {\n        rowsImported\n        rowsSkipped\n        rowsReplaced\n        rowsUpdated\n        rowsRejected\n      }\n    }\n  }\n": typeof types.ConflictCountsDocument,
    "\n  query ValidationInput($id: ID!) {\n    job(id: $id) {\n      description\n      inputJson\n    }\n  }\n": typeof types.ValidationInputDocument,
    "\n  mutation CreateBasket {\n    createDatabase(input: { name: \"basket\" }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateBasketDocument,
    "\n  mutation ImportFruit($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": typeof types.ImportFruitDocument,
    "\n  query RejectsUrl($id: ID!) {\n    job(id: $id) {\n      ... on ImportJob {\n        rejectsUrl\n        rejects {\n          nodes {\n            line\n          }\n        }\n      }\n    }\n  }\n": typeof types.RejectsUrlDocument,
    "\n  mutation DeleteFruit($ids: [ID!]!) {\n    deleteJobs(jobs: { ids: $ids }) {\n      deletedCount\n    }\n  }\n": typeof types.DeleteFruitDocument,
    "\n  query Preview($input: ImportPreviewInput!) {\n    importPreview(input: $input) {\n      format\n      compression\n      encoding\n      delimiter\n      quote\n      escape\n      header\n      skip\n      fieldNames\n      columns {\n        name\n        type\n        nullable\n      }\n      rows\n      problems {\n        source\n        line\n        lastLine\n        column\n        reason\n        text\n      }\n    }\n  }\n": typeof types.PreviewDocument,
    "\n  mutation ImportPreviewed($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        rowsImported\n      }\n    }\n  }\n": typeof types.ImportPreviewedDocument,
    "\n  mutation CreateStock {\n    createDatabase(input: { name: \"stock\" }) {\n      database {\n        name\n      }\n    }\n  }\n": typeof types.CreateStockDocument,
    "\n  mutation ChangeStock($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        rowsBackfilled\n        availableCommands\n      }\n    }\n  }\n": typeof types.ChangeStockDocument,
    "\n  query ChangedStock($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      fractionCompleted\n      statusMessage\n      ... on SchemaChangeJob {\n        tables\n        rowsBackfilled\n      }\n    }\n  }\n": typeof types.ChangedStockDocument,
    "\n  mutation PauseSome($jobs: JobSelector!, $onRefusal: RefusalPolicy!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, onRefusal: $onRefusal, dryRun: $dryRun) {\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      refusals {\n        jobId\n        code\n        message\n      }\n    }\n  }\n": typeof types.PauseSomeDocument,
    "\n  query SchemaChanges {\n    jobs(where: { type: { equals: SCHEMA_CHANGE } }) {\n      nodes {\n        id\n      }\n    }\n  }\n": typeof types.SchemaChangesDocument,
    "\n  mutation HoldChange($hold: Boolean!) {\n    createSchemaChange(\n      input: {\n        database: \"stock\"\n        changes: [{ alterColumn: { table: \"goods\", column: \"price\", nullable: false } }]\n        holdBeforeCommit: $hold\n      }\n    ) {\n      job {\n        id\n      }\n    }\n  }\n": typeof types.HoldChangeDocument,
    "\n  query HeldChange($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      pauseReason\n      availableCommands\n    }\n  }\n": typeof types.HeldChangeDocument,
    "\n  mutation CommandHeld($jobs: JobSelector!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, dryRun: $dryRun) {\n      changedCount\n      unchangedCount\n      refusedCount\n    }\n  }\n": typeof types.CommandHeldDocument,
    "\n  mutation Execute($sql: String!, $parameters: [JSON], $maxRows: Int! = 1000) {\n    execute(sql: $sql, parameters: $parameters, maxRows: $maxRows) {\n      tag\n      columns {\n        name\n        type\n      }\n      rows\n      truncated\n      notices {\n        severity\n        message\n        sqlState\n      }\n      jobs {\n        id\n        typeName\n      }\n    }\n  }\n": typeof types.ExecuteDocument,
    "\n  query IdsOf($where: JobFilter) {\n    jobs(where: $where, first: 1000) {\n      nodes {\n        id\n      }\n    }\n  }\n": typeof types.IdsOfDocument,
    "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": typeof types.ChangesDocument,
    "\n    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": typeof types.PauseDocument,
    "\n    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": typeof types.ResumeDocument,
    "\n    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": typeof types.CancelDocument,
    "\n  fragment Outcome on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    changed(first: 10000) {\n      jobId\n      from\n      to\n    }\n    refusals(first: 10000) {\n      jobId\n      code\n      message\n    }\n    cursor\n  }\n": typeof types.OutcomeFragmentDoc,
    "\n  query JobNow($id: ID!) {\n    job(id: $id) {\n      id\n      status\n      statusMessage\n      createdAt\n      startedAt\n      finishedAt\n      modifiedAt\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      error\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      attempts\n      nextAttemptAt\n      pauseReason\n      coordinator\n      availableCommands\n      events(first: 1000) {\n        nodes {\n          cursor\n          ... on JobStatusChange {\n            from\n            to\n            command\n            commandId\n            reason\n            error\n            actor {\n              kind\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.JobNowDocument,
    "\n  mutation CreateUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n": typeof types.CreateUserDocument,
    "\n  mutation SetPrivileges($name: String!, $privileges: [Privilege!]!) {\n    updateUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        privileges\n      }\n    }\n  }\n": typeof types.SetPrivilegesDocument,
    "\n  subscription ReadChanges($id: ID!) {\n    changefeed(jobId: $id) {\n      __typename\n    }\n  }\n": typeof types.ReadChangesDocument,
};
const documents: Documents = {
    "\n    mutation PauseSelected(\n      $jobs: JobSelector!\n      $onRefusal: RefusalPolicy! = SKIP\n      $dryRun: Boolean! = false\n      $expectedCount: Int\n      $unchangedSince: Cursor\n    ) {\n      outcome: pauseJobs(\n        jobs: $jobs\n        onRefusal: $onRefusal\n        dryRun: $dryRun\n        expectedCount: $expectedCount\n        unchangedSince: $unchangedSince\n      ) {\n        ...Outcome\n      }\n    }\n  ": types.PauseSelectedDocument,
    "\n    mutation ResumeSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: resumeJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  ": types.ResumeSelectedDocument,
    "\n    mutation CancelSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: cancelJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  ": types.CancelSelectedDocument,
    "\n  query LogAndJobs {\n    jobs(first: 1000) {\n      cursor\n      nodes {\n        id\n        status\n        modifiedAt\n        pauseReason\n      }\n    }\n  }\n": types.LogAndJobsDocument,
    "\n  mutation Grant($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        allDatabases\n        databases\n        allFiles\n        filesFolder\n      }\n    }\n  }\n": types.GrantDocument,
    "\n  query SeenDatabases($name: String!, $id: ID!) {\n    databases {\n      name\n    }\n    database(name: $name) {\n      name\n    }\n    node(id: $id) {\n      id\n    }\n  }\n": types.SeenDatabasesDocument,
    "\n  query Waiting($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      blockedBy {\n        id\n      }\n    }\n  }\n": types.WaitingDocument,
    "\n  mutation PauseFirst($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": types.PauseFirstDocument,
    "\n  mutation CancelFirst($id: ID!) {\n    cancelJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": types.CancelFirstDocument,
    "\n  query ListedNames {\n    databases {\n      name\n    }\n  }\n": types.ListedNamesDocument,
    "\n  mutation CreateOfName($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateOfNameDocument,
    "\n  query Jobs {\n    jobs {\n      totalCount\n      nodes {\n        id\n        userName\n      }\n    }\n    jobEvents {\n      nodes {\n        jobId\n      }\n    }\n  }\n": types.JobsDocument,
    "\n  query WholeLog {\n    jobEvents(first: 1000) {\n      nodes {\n        cursor\n        at\n        jobId\n        ... on JobStatusChange {\n          from\n          to\n        }\n      }\n    }\n  }\n": types.WholeLogDocument,
    "\n  mutation BackUpFaulty($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": types.BackUpFaultyDocument,
    "\n  mutation RestoreFaulty($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": types.RestoreFaultyDocument,
    "\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n": types.PauseOneDocument,
    "\n  mutation AddPerson($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n": types.AddPersonDocument,
    "\n  query Seen($id: ID!) {\n    jobs {\n      totalCount\n      nodes {\n        id\n      }\n    }\n    job(id: $id) {\n      id\n      availableCommands\n    }\n    node(id: $id) {\n      id\n    }\n    jobEvents {\n      nodes {\n        jobId\n        job {\n          id\n        }\n      }\n    }\n  }\n": types.SeenDocument,
    "\n  mutation PauseAsUser($ids: [ID!]!) {\n    pauseJobs(jobs: { ids: $ids }) {\n      changedCount\n      selectedCount\n      changed {\n        jobId\n      }\n      refusals {\n        jobId\n        code\n        message\n        job {\n          id\n        }\n      }\n    }\n  }\n": types.PauseAsUserDocument,
    "\n  mutation AddDatabaseByUrl($name: String!, $url: String) {\n    createDatabase(input: { name: $name, url: $url }) {\n      database {\n        id\n        name\n        url\n        error\n        tables {\n          name\n          rowCount\n          columns {\n            name\n            type\n            nullable\n            primaryKey\n            default\n          }\n          indexes {\n            name\n            columns\n            unique\n          }\n        }\n      }\n    }\n  }\n": types.AddDatabaseByUrlDocument,
    "\n  query DatabaseNames {\n    databases {\n      name\n      error\n    }\n  }\n": types.DatabaseNamesDocument,
    "\n  query ListFiles($prefix: String, $first: Int! = 100, $after: String) {\n    files(prefix: $prefix, first: $first, after: $after) {\n      edges {\n        cursor\n      }\n      nodes {\n        path\n        size\n        modifiedAt\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        endCursor\n      }\n    }\n  }\n": types.ListFilesDocument,
    "\n  mutation DeleteFile($path: String!) {\n    deleteFile(input: { path: $path }) {\n      path\n    }\n  }\n": types.DeleteFileDocument,
    "\n      mutation ShopForFiles {\n        createDatabase(input: { name: \"shop\" }) {\n          database {\n            name\n          }\n        }\n      }\n    ": types.ShopForFilesDocument,
    "\n  query Filtered($where: JobFilter, $orderBy: JobOrder, $first: Int, $after: String, $last: Int, $before: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": types.FilteredDocument,
    "\n  query Counts($where: JobFilter) {\n    jobCounts(where: $where) {\n      type\n      status\n      count\n    }\n  }\n": types.CountsDocument,
    "\n  query FilteredEvents($where: JobEventFilter) {\n    jobEvents(where: $where, first: 1000) {\n      nodes {\n        cursor\n      }\n    }\n  }\n": types.FilteredEventsDocument,
    "\n  subscription FilteredChanges($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      to\n    }\n  }\n": types.FilteredChangesDocument,
    "\n  query Log($after: Cursor) {\n    jobEvents(first: 250, after: $after) {\n      nodes {\n        ... on JobStatusChange {\n          cursor\n          jobId\n          from\n          to\n          command\n          reason\n          error\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.LogDocument,
    "\n  mutation PauseAll($ids: [ID!]!, $reason: String) {\n    pauseJobs(jobs: { ids: $ids }, reason: $reason) {\n      changedCount\n      cursor\n    }\n  }\n": types.PauseAllDocument,
    "\n  mutation ResumeAll($ids: [ID!]!) {\n    resumeJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": types.ResumeAllDocument,
    "\n  mutation CancelAll($ids: [ID!]!) {\n    cancelJobs(jobs: { ids: $ids }) {\n      changedCount\n    }\n  }\n": types.CancelAllDocument,
    "\n  mutation AddUser($name: String!, $privileges: [Privilege!]!) {\n    createUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        name\n      }\n    }\n  }\n": types.AddUserDocument,
    "\n  query Owners {\n    jobs(first: 1000) {\n      nodes {\n        id\n        userName\n      }\n    }\n  }\n": types.OwnersDocument,
    "\n  query Page($first: Int, $after: String, $last: Int, $before: String) {\n    jobs(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n      cursor\n    }\n  }\n": types.PageDocument,
    "\n  query Count {\n    jobs(first: 0) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n      }\n    }\n  }\n": types.CountDocument,
    "\n  query Events($first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    jobEvents(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          cursor\n          jobId\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": types.EventsDocument,
    "\n  query EventsOf($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    job(id: $id) {\n      events(first: $first, after: $after, last: $last, before: $before) {\n        nodes {\n          cursor\n          jobId\n          at\n          actor {\n            kind\n            name\n          }\n          job {\n            id\n          }\n          ... on JobStatusChange {\n            from\n            to\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n        }\n      }\n    }\n  }\n": types.EventsOfDocument,
    "\n  query Job($id: ID!) {\n    job(id: $id) {\n      __typename\n      id\n      type\n      typeName\n      status\n      attempts\n      estimatedFinishAt\n      modifiedAt\n      fractionCompleted\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      blockedBy {\n        id\n      }\n    }\n  }\n": types.JobDocument,
    "\n  query Node($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n": types.NodeDocument,
    "\n  mutation AddDatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        id\n        name\n        error\n      }\n    }\n  }\n": types.AddDatabaseDocument,
    "\n  subscription HeardOfRows($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      jobId\n      to\n      reason\n      error\n      job {\n        error\n        rowError\n        statusMessage\n        pauseReason\n        warnings\n        executionErrors {\n          message\n        }\n        ... on ImportJob {\n          rejects {\n            nodes {\n              line\n              column\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n": types.HeardOfRowsDocument,
    "\n  query LogOfRows {\n    jobEvents(first: 100) {\n      nodes {\n        ... on JobStatusChange {\n          reason\n          error\n        }\n      }\n    }\n  }\n": types.LogOfRowsDocument,
    "\n  query FoundByError($text: String!) {\n    jobs(where: { error: { contains: $text } }) {\n      nodes {\n        id\n      }\n    }\n  }\n": types.FoundByErrorDocument,
    "\n  query FailedOverRow($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      rowError\n    }\n  }\n": types.FailedOverRowDocument,
    "\n  mutation AddAnyUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n": types.AddAnyUserDocument,
    "\n  mutation UpdateAnyUser($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n": types.UpdateAnyUserDocument,
    "\n  query Users {\n    users {\n      name\n      isAdmin\n      privileges\n    }\n  }\n": types.UsersDocument,
    "\n  query Viewer {\n    viewer {\n      name\n      isAdmin\n      privileges\n    }\n  }\n": types.ViewerDocument,
    "\n  query Databases {\n    databases {\n      name\n    }\n  }\n": types.DatabasesDocument,
    "\n  query Database($name: String!) {\n    database(name: $name) {\n      name\n      tables {\n        name\n      }\n    }\n  }\n": types.DatabaseDocument,
    "\n  mutation AddADatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": types.AddADatabaseDocument,
    "\n  query Who($id: ID!) {\n    node(id: $id) {\n      id\n    }\n  }\n": types.WhoDocument,
    "\n  mutation CreateBackedUp($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateBackedUpDocument,
    "\n  mutation BackUp($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n        description\n        destination\n      }\n    }\n  }\n": types.BackUpDocument,
    "\n  mutation Restore($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n        description\n        source\n        tables\n      }\n    }\n  }\n": types.RestoreDocument,
    "\n  query ShowBackup($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      complete\n      incrementalFrom\n      tables {\n        name\n        rows\n      }\n    }\n  }\n": types.ShowBackupDocument,
    "\n  query ListCloudBackups($url: String!) {\n    backups(url: $url) {\n      nodes {\n        url\n        database\n        complete\n      }\n    }\n  }\n": types.ListCloudBackupsDocument,
    "\n  mutation CreateForBackup($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateForBackupDocument,
    "\n  mutation BackUpHere($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        destination\n        bytesWritten\n      }\n    }\n  }\n": types.BackUpHereDocument,
    "\n  mutation RestoreHere($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        source\n        database\n        tables\n        rowsRestored\n      }\n    }\n  }\n": types.RestoreHereDocument,
    "\n  query EndedHere($id: ID!) {\n    job(id: $id) {\n      fractionCompleted\n      error\n      ... on BackupJob {\n        bytesWritten\n      }\n      ... on RestoreJob {\n        rowsRestored\n      }\n    }\n  }\n": types.EndedHereDocument,
    "\n  query ShowBackupHere($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      createdAt\n      complete\n      incrementalFrom\n      sizeBytes\n      storedBytes\n      tables {\n        name\n        rows\n      }\n    }\n  }\n": types.ShowBackupHereDocument,
    "\n  query NamesHere {\n    databases {\n      name\n    }\n  }\n": types.NamesHereDocument,
    "\n  query ListBackups($url: String!, $first: Int! = 50, $after: String) {\n    backups(url: $url, first: $first, after: $after) {\n      edges {\n        cursor\n        node {\n          url\n        }\n      }\n      nodes {\n        url\n        database\n        createdAt\n        complete\n        incrementalFrom\n        storedBytes\n        tables {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": types.ListBackupsDocument,
    "\n  mutation CreateWatched {\n    createDatabase(input: { name: \"watched\" }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateWatchedDocument,
    "\n  mutation CreateFeed($input: CreateChangefeedInput!) {\n    createChangefeed(input: $input) {\n      created\n      webhookSecret\n      job {\n        id\n        description\n        tables\n        sink\n        database\n      }\n    }\n  }\n": types.CreateFeedDocument,
    "\n  query FeedJob($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      error\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      ... on ChangefeedJob {\n        highWater\n        messagesEmitted\n      }\n    }\n  }\n": types.FeedJobDocument,
    "\n  subscription ReadFeed($id: ID!, $after: ChangefeedCursor) {\n    changefeed(jobId: $id, after: $after) {\n      __typename\n      ... on ChangefeedRow {\n        cursor\n        table\n        key\n        after\n        before\n        deleted\n        updated\n      }\n      ... on ChangefeedResolved {\n        cursor\n        resolved\n      }\n    }\n  }\n": types.ReadFeedDocument,
    "\n  mutation AlterWatched($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": types.AlterWatchedDocument,
    "\n  mutation CreateShop {\n    createDatabase(input: { name: \"shop\" }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateShopDocument,
    "\n  mutation ImportGoods($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        description\n      }\n    }\n  }\n": types.ImportGoodsDocument,
    "\n  query Rejects($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    job(id: $id) {\n      error\n      ... on ImportJob {\n        rowsImported\n        rowsRejected\n        rejects(first: $first, after: $after, last: $last, before: $before) {\n          edges {\n            cursor\n          }\n          nodes {\n            source\n            line\n            column\n            reason\n            text\n          }\n          pageInfo {\n            hasNextPage\n            hasPreviousPage\n            startCursor\n            endCursor\n          }\n        }\n      }\n    }\n  }\n": types.RejectsDocument,
    "\n  query ConflictCounts($id: ID!) {\n    job(id: $id) {\n      description\n      ... on ImportJob {\n        rowsImported\n        rowsSkipped\n        rowsReplaced\n        rowsUpdated\n        rowsRejected\n      }\n    }\n  }\n": types.ConflictCountsDocument,
    "\n  query ValidationInput($id: ID!) {\n    job(id: $id) {\n      description\n      inputJson\n    }\n  }\n": types.ValidationInputDocument,
    "\n  mutation CreateBasket {\n    createDatabase(input: { name: \"basket\" }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateBasketDocument,
    "\n  mutation ImportFruit($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n": types.ImportFruitDocument,
    "\n  query RejectsUrl($id: ID!) {\n    job(id: $id) {\n      ... on ImportJob {\n        rejectsUrl\n        rejects {\n          nodes {\n            line\n          }\n        }\n      }\n    }\n  }\n": types.RejectsUrlDocument,
    "\n  mutation DeleteFruit($ids: [ID!]!) {\n    deleteJobs(jobs: { ids: $ids }) {\n      deletedCount\n    }\n  }\n": types.DeleteFruitDocument,
    "\n  query Preview($input: ImportPreviewInput!) {\n    importPreview(input: $input) {\n      format\n      compression\n      encoding\n      delimiter\n      quote\n      escape\n      header\n      skip\n      fieldNames\n      columns {\n        name\n        type\n        nullable\n      }\n      rows\n      problems {\n        source\n        line\n        lastLine\n        column\n        reason\n        text\n      }\n    }\n  }\n": types.PreviewDocument,
    "\n  mutation ImportPreviewed($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        rowsImported\n      }\n    }\n  }\n": types.ImportPreviewedDocument,
    "\n  mutation CreateStock {\n    createDatabase(input: { name: \"stock\" }) {\n      database {\n        name\n      }\n    }\n  }\n": types.CreateStockDocument,
    "\n  mutation ChangeStock($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        rowsBackfilled\n        availableCommands\n      }\n    }\n  }\n": types.ChangeStockDocument,
    "\n  query ChangedStock($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      fractionCompleted\n      statusMessage\n      ... on SchemaChangeJob {\n        tables\n        rowsBackfilled\n      }\n    }\n  }\n": types.ChangedStockDocument,
    "\n  mutation PauseSome($jobs: JobSelector!, $onRefusal: RefusalPolicy!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, onRefusal: $onRefusal, dryRun: $dryRun) {\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      refusals {\n        jobId\n        code\n        message\n      }\n    }\n  }\n": types.PauseSomeDocument,
    "\n  query SchemaChanges {\n    jobs(where: { type: { equals: SCHEMA_CHANGE } }) {\n      nodes {\n        id\n      }\n    }\n  }\n": types.SchemaChangesDocument,
    "\n  mutation HoldChange($hold: Boolean!) {\n    createSchemaChange(\n      input: {\n        database: \"stock\"\n        changes: [{ alterColumn: { table: \"goods\", column: \"price\", nullable: false } }]\n        holdBeforeCommit: $hold\n      }\n    ) {\n      job {\n        id\n      }\n    }\n  }\n": types.HoldChangeDocument,
    "\n  query HeldChange($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      pauseReason\n      availableCommands\n    }\n  }\n": types.HeldChangeDocument,
    "\n  mutation CommandHeld($jobs: JobSelector!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, dryRun: $dryRun) {\n      changedCount\n      unchangedCount\n      refusedCount\n    }\n  }\n": types.CommandHeldDocument,
    "\n  mutation Execute($sql: String!, $parameters: [JSON], $maxRows: Int! = 1000) {\n    execute(sql: $sql, parameters: $parameters, maxRows: $maxRows) {\n      tag\n      columns {\n        name\n        type\n      }\n      rows\n      truncated\n      notices {\n        severity\n        message\n        sqlState\n      }\n      jobs {\n        id\n        typeName\n      }\n    }\n  }\n": types.ExecuteDocument,
    "\n  query IdsOf($where: JobFilter) {\n    jobs(where: $where, first: 1000) {\n      nodes {\n        id\n      }\n    }\n  }\n": types.IdsOfDocument,
    "\n  subscription Changes($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      cursor\n      jobId\n      from\n      to\n      command\n      commandId\n      reason\n      error\n      actor {\n        kind\n        name\n      }\n    }\n  }\n": types.ChangesDocument,
    "\n    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": types.PauseDocument,
    "\n    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": types.ResumeDocument,
    "\n    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {\n      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {\n        ...Outcome\n      }\n    }\n  ": types.CancelDocument,
    "\n  fragment Outcome on ControlJobsPayload {\n    commandId\n    applied\n    dryRun\n    selectedCount\n    changedCount\n    unchangedCount\n    refusedCount\n    changed(first: 10000) {\n      jobId\n      from\n      to\n    }\n    refusals(first: 10000) {\n      jobId\n      code\n      message\n    }\n    cursor\n  }\n": types.OutcomeFragmentDoc,
    "\n  query JobNow($id: ID!) {\n    job(id: $id) {\n      id\n      status\n      statusMessage\n      createdAt\n      startedAt\n      finishedAt\n      modifiedAt\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      error\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      attempts\n      nextAttemptAt\n      pauseReason\n      coordinator\n      availableCommands\n      events(first: 1000) {\n        nodes {\n          cursor\n          ... on JobStatusChange {\n            from\n            to\n            command\n            commandId\n            reason\n            error\n            actor {\n              kind\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n": types.JobNowDocument,
    "\n  mutation CreateUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n": types.CreateUserDocument,
    "\n  mutation SetPrivileges($name: String!, $privileges: [Privilege!]!) {\n    updateUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        privileges\n      }\n    }\n  }\n": types.SetPrivilegesDocument,
    "\n  subscription ReadChanges($id: ID!) {\n    changefeed(jobId: $id) {\n      __typename\n    }\n  }\n": types.ReadChangesDocument,
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
export function graphql(source: "\n    mutation PauseSelected(\n      $jobs: JobSelector!\n      $onRefusal: RefusalPolicy! = SKIP\n      $dryRun: Boolean! = false\n      $expectedCount: Int\n      $unchangedSince: Cursor\n    ) {\n      outcome: pauseJobs(\n        jobs: $jobs\n        onRefusal: $onRefusal\n        dryRun: $dryRun\n        expectedCount: $expectedCount\n        unchangedSince: $unchangedSince\n      ) {\n        ...Outcome\n      }\n    }\n  "): (typeof documents)["\n    mutation PauseSelected(\n      $jobs: JobSelector!\n      $onRefusal: RefusalPolicy! = SKIP\n      $dryRun: Boolean! = false\n      $expectedCount: Int\n      $unchangedSince: Cursor\n    ) {\n      outcome: pauseJobs(\n        jobs: $jobs\n        onRefusal: $onRefusal\n        dryRun: $dryRun\n        expectedCount: $expectedCount\n        unchangedSince: $unchangedSince\n      ) {\n        ...Outcome\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation ResumeSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: resumeJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  "): (typeof documents)["\n    mutation ResumeSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: resumeJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation CancelSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: cancelJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  "): (typeof documents)["\n    mutation CancelSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {\n      outcome: cancelJobs(jobs: $jobs, dryRun: $dryRun) {\n        ...Outcome\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LogAndJobs {\n    jobs(first: 1000) {\n      cursor\n      nodes {\n        id\n        status\n        modifiedAt\n        pauseReason\n      }\n    }\n  }\n"): (typeof documents)["\n  query LogAndJobs {\n    jobs(first: 1000) {\n      cursor\n      nodes {\n        id\n        status\n        modifiedAt\n        pauseReason\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Grant($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        allDatabases\n        databases\n        allFiles\n        filesFolder\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Grant($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        allDatabases\n        databases\n        allFiles\n        filesFolder\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SeenDatabases($name: String!, $id: ID!) {\n    databases {\n      name\n    }\n    database(name: $name) {\n      name\n    }\n    node(id: $id) {\n      id\n    }\n  }\n"): (typeof documents)["\n  query SeenDatabases($name: String!, $id: ID!) {\n    databases {\n      name\n    }\n    database(name: $name) {\n      name\n    }\n    node(id: $id) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Waiting($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      blockedBy {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query Waiting($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      blockedBy {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseFirst($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"): (typeof documents)["\n  mutation PauseFirst($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelFirst($id: ID!) {\n    cancelJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"): (typeof documents)["\n  mutation CancelFirst($id: ID!) {\n    cancelJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListedNames {\n    databases {\n      name\n    }\n  }\n"): (typeof documents)["\n  query ListedNames {\n    databases {\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateOfName($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateOfName($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Jobs {\n    jobs {\n      totalCount\n      nodes {\n        id\n        userName\n      }\n    }\n    jobEvents {\n      nodes {\n        jobId\n      }\n    }\n  }\n"): (typeof documents)["\n  query Jobs {\n    jobs {\n      totalCount\n      nodes {\n        id\n        userName\n      }\n    }\n    jobEvents {\n      nodes {\n        jobId\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WholeLog {\n    jobEvents(first: 1000) {\n      nodes {\n        cursor\n        at\n        jobId\n        ... on JobStatusChange {\n          from\n          to\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query WholeLog {\n    jobEvents(first: 1000) {\n      nodes {\n        cursor\n        at\n        jobId\n        ... on JobStatusChange {\n          from\n          to\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BackUpFaulty($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation BackUpFaulty($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestoreFaulty($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RestoreFaulty($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"): (typeof documents)["\n  mutation PauseOne($id: ID!) {\n    pauseJobs(jobs: { ids: [$id] }) {\n      changedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddPerson($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddPerson($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Seen($id: ID!) {\n    jobs {\n      totalCount\n      nodes {\n        id\n      }\n    }\n    job(id: $id) {\n      id\n      availableCommands\n    }\n    node(id: $id) {\n      id\n    }\n    jobEvents {\n      nodes {\n        jobId\n        job {\n          id\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Seen($id: ID!) {\n    jobs {\n      totalCount\n      nodes {\n        id\n      }\n    }\n    job(id: $id) {\n      id\n      availableCommands\n    }\n    node(id: $id) {\n      id\n    }\n    jobEvents {\n      nodes {\n        jobId\n        job {\n          id\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseAsUser($ids: [ID!]!) {\n    pauseJobs(jobs: { ids: $ids }) {\n      changedCount\n      selectedCount\n      changed {\n        jobId\n      }\n      refusals {\n        jobId\n        code\n        message\n        job {\n          id\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation PauseAsUser($ids: [ID!]!) {\n    pauseJobs(jobs: { ids: $ids }) {\n      changedCount\n      selectedCount\n      changed {\n        jobId\n      }\n      refusals {\n        jobId\n        code\n        message\n        job {\n          id\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddDatabaseByUrl($name: String!, $url: String) {\n    createDatabase(input: { name: $name, url: $url }) {\n      database {\n        id\n        name\n        url\n        error\n        tables {\n          name\n          rowCount\n          columns {\n            name\n            type\n            nullable\n            primaryKey\n            default\n          }\n          indexes {\n            name\n            columns\n            unique\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddDatabaseByUrl($name: String!, $url: String) {\n    createDatabase(input: { name: $name, url: $url }) {\n      database {\n        id\n        name\n        url\n        error\n        tables {\n          name\n          rowCount\n          columns {\n            name\n            type\n            nullable\n            primaryKey\n            default\n          }\n          indexes {\n            name\n            columns\n            unique\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query DatabaseNames {\n    databases {\n      name\n      error\n    }\n  }\n"): (typeof documents)["\n  query DatabaseNames {\n    databases {\n      name\n      error\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListFiles($prefix: String, $first: Int! = 100, $after: String) {\n    files(prefix: $prefix, first: $first, after: $after) {\n      edges {\n        cursor\n      }\n      nodes {\n        path\n        size\n        modifiedAt\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query ListFiles($prefix: String, $first: Int! = 100, $after: String) {\n    files(prefix: $prefix, first: $first, after: $after) {\n      edges {\n        cursor\n      }\n      nodes {\n        path\n        size\n        modifiedAt\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteFile($path: String!) {\n    deleteFile(input: { path: $path }) {\n      path\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteFile($path: String!) {\n    deleteFile(input: { path: $path }) {\n      path\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n      mutation ShopForFiles {\n        createDatabase(input: { name: \"shop\" }) {\n          database {\n            name\n          }\n        }\n      }\n    "): (typeof documents)["\n      mutation ShopForFiles {\n        createDatabase(input: { name: \"shop\" }) {\n          database {\n            name\n          }\n        }\n      }\n    "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Filtered($where: JobFilter, $orderBy: JobOrder, $first: Int, $after: String, $last: Int, $before: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Filtered($where: JobFilter, $orderBy: JobOrder, $first: Int, $after: String, $last: Int, $before: String) {\n    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Counts($where: JobFilter) {\n    jobCounts(where: $where) {\n      type\n      status\n      count\n    }\n  }\n"): (typeof documents)["\n  query Counts($where: JobFilter) {\n    jobCounts(where: $where) {\n      type\n      status\n      count\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FilteredEvents($where: JobEventFilter) {\n    jobEvents(where: $where, first: 1000) {\n      nodes {\n        cursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query FilteredEvents($where: JobEventFilter) {\n    jobEvents(where: $where, first: 1000) {\n      nodes {\n        cursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FilteredChanges($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      to\n    }\n  }\n"): (typeof documents)["\n  subscription FilteredChanges($where: JobEventFilter, $after: Cursor) {\n    jobStatusChanged(where: $where, after: $after) {\n      cursor\n      to\n    }\n  }\n"];
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
export function graphql(source: "\n  query Page($first: Int, $after: String, $last: Int, $before: String) {\n    jobs(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n      cursor\n    }\n  }\n"): (typeof documents)["\n  query Page($first: Int, $after: String, $last: Int, $before: String) {\n    jobs(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n      cursor\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Count {\n    jobs(first: 0) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Count {\n    jobs(first: 0) {\n      totalCount\n      nodes {\n        id\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Events($first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    jobEvents(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          cursor\n          jobId\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Events($first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    jobEvents(first: $first, after: $after, last: $last, before: $before) {\n      edges {\n        cursor\n        node {\n          cursor\n          jobId\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventsOf($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    job(id: $id) {\n      events(first: $first, after: $after, last: $last, before: $before) {\n        nodes {\n          cursor\n          jobId\n          at\n          actor {\n            kind\n            name\n          }\n          job {\n            id\n          }\n          ... on JobStatusChange {\n            from\n            to\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query EventsOf($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {\n    job(id: $id) {\n      events(first: $first, after: $after, last: $last, before: $before) {\n        nodes {\n          cursor\n          jobId\n          at\n          actor {\n            kind\n            name\n          }\n          job {\n            id\n          }\n          ... on JobStatusChange {\n            from\n            to\n          }\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Job($id: ID!) {\n    job(id: $id) {\n      __typename\n      id\n      type\n      typeName\n      status\n      attempts\n      estimatedFinishAt\n      modifiedAt\n      fractionCompleted\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      blockedBy {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query Job($id: ID!) {\n    job(id: $id) {\n      __typename\n      id\n      type\n      typeName\n      status\n      attempts\n      estimatedFinishAt\n      modifiedAt\n      fractionCompleted\n      executionErrors {\n        at\n        attempt\n        message\n      }\n      blockedBy {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Node($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n"): (typeof documents)["\n  query Node($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddDatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        id\n        name\n        error\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddDatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        id\n        name\n        error\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription HeardOfRows($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      jobId\n      to\n      reason\n      error\n      job {\n        error\n        rowError\n        statusMessage\n        pauseReason\n        warnings\n        executionErrors {\n          message\n        }\n        ... on ImportJob {\n          rejects {\n            nodes {\n              line\n              column\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription HeardOfRows($after: Cursor) {\n    jobStatusChanged(after: $after) {\n      jobId\n      to\n      reason\n      error\n      job {\n        error\n        rowError\n        statusMessage\n        pauseReason\n        warnings\n        executionErrors {\n          message\n        }\n        ... on ImportJob {\n          rejects {\n            nodes {\n              line\n              column\n              reason\n            }\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LogOfRows {\n    jobEvents(first: 100) {\n      nodes {\n        ... on JobStatusChange {\n          reason\n          error\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query LogOfRows {\n    jobEvents(first: 100) {\n      nodes {\n        ... on JobStatusChange {\n          reason\n          error\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FoundByError($text: String!) {\n    jobs(where: { error: { contains: $text } }) {\n      nodes {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query FoundByError($text: String!) {\n    jobs(where: { error: { contains: $text } }) {\n      nodes {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FailedOverRow($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      rowError\n    }\n  }\n"): (typeof documents)["\n  query FailedOverRow($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      rowError\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddAnyUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddAnyUser($input: CreateUserInput!) {\n    createUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateAnyUser($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateAnyUser($input: UpdateUserInput!) {\n    updateUser(input: $input) {\n      user {\n        id\n        name\n        isAdmin\n        privileges\n        createdAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Users {\n    users {\n      name\n      isAdmin\n      privileges\n    }\n  }\n"): (typeof documents)["\n  query Users {\n    users {\n      name\n      isAdmin\n      privileges\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      name\n      isAdmin\n      privileges\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      name\n      isAdmin\n      privileges\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Databases {\n    databases {\n      name\n    }\n  }\n"): (typeof documents)["\n  query Databases {\n    databases {\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Database($name: String!) {\n    database(name: $name) {\n      name\n      tables {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  query Database($name: String!) {\n    database(name: $name) {\n      name\n      tables {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddADatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddADatabase($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Who($id: ID!) {\n    node(id: $id) {\n      id\n    }\n  }\n"): (typeof documents)["\n  query Who($id: ID!) {\n    node(id: $id) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateBackedUp($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateBackedUp($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BackUp($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n        description\n        destination\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation BackUp($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      job {\n        id\n        description\n        destination\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Restore($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n        description\n        source\n        tables\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Restore($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      job {\n        id\n        description\n        source\n        tables\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShowBackup($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      complete\n      incrementalFrom\n      tables {\n        name\n        rows\n      }\n    }\n  }\n"): (typeof documents)["\n  query ShowBackup($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      complete\n      incrementalFrom\n      tables {\n        name\n        rows\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListCloudBackups($url: String!) {\n    backups(url: $url) {\n      nodes {\n        url\n        database\n        complete\n      }\n    }\n  }\n"): (typeof documents)["\n  query ListCloudBackups($url: String!) {\n    backups(url: $url) {\n      nodes {\n        url\n        database\n        complete\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateForBackup($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateForBackup($name: String!) {\n    createDatabase(input: { name: $name }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BackUpHere($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        destination\n        bytesWritten\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation BackUpHere($input: CreateBackupInput!) {\n    createBackup(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        destination\n        bytesWritten\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestoreHere($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        source\n        database\n        tables\n        rowsRestored\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RestoreHere($input: CreateRestoreInput!) {\n    createRestore(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        source\n        database\n        tables\n        rowsRestored\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EndedHere($id: ID!) {\n    job(id: $id) {\n      fractionCompleted\n      error\n      ... on BackupJob {\n        bytesWritten\n      }\n      ... on RestoreJob {\n        rowsRestored\n      }\n    }\n  }\n"): (typeof documents)["\n  query EndedHere($id: ID!) {\n    job(id: $id) {\n      fractionCompleted\n      error\n      ... on BackupJob {\n        bytesWritten\n      }\n      ... on RestoreJob {\n        rowsRestored\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShowBackupHere($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      createdAt\n      complete\n      incrementalFrom\n      sizeBytes\n      storedBytes\n      tables {\n        name\n        rows\n      }\n    }\n  }\n"): (typeof documents)["\n  query ShowBackupHere($url: String!) {\n    backup(url: $url) {\n      url\n      database\n      createdAt\n      complete\n      incrementalFrom\n      sizeBytes\n      storedBytes\n      tables {\n        name\n        rows\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NamesHere {\n    databases {\n      name\n    }\n  }\n"): (typeof documents)["\n  query NamesHere {\n    databases {\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListBackups($url: String!, $first: Int! = 50, $after: String) {\n    backups(url: $url, first: $first, after: $after) {\n      edges {\n        cursor\n        node {\n          url\n        }\n      }\n      nodes {\n        url\n        database\n        createdAt\n        complete\n        incrementalFrom\n        storedBytes\n        tables {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query ListBackups($url: String!, $first: Int! = 50, $after: String) {\n    backups(url: $url, first: $first, after: $after) {\n      edges {\n        cursor\n        node {\n          url\n        }\n      }\n      nodes {\n        url\n        database\n        createdAt\n        complete\n        incrementalFrom\n        storedBytes\n        tables {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateWatched {\n    createDatabase(input: { name: \"watched\" }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateWatched {\n    createDatabase(input: { name: \"watched\" }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateFeed($input: CreateChangefeedInput!) {\n    createChangefeed(input: $input) {\n      created\n      webhookSecret\n      job {\n        id\n        description\n        tables\n        sink\n        database\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateFeed($input: CreateChangefeedInput!) {\n    createChangefeed(input: $input) {\n      created\n      webhookSecret\n      job {\n        id\n        description\n        tables\n        sink\n        database\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FeedJob($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      error\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      ... on ChangefeedJob {\n        highWater\n        messagesEmitted\n      }\n    }\n  }\n"): (typeof documents)["\n  query FeedJob($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      error\n      fractionCompleted\n      counters {\n        name\n        value\n      }\n      ... on ChangefeedJob {\n        highWater\n        messagesEmitted\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ReadFeed($id: ID!, $after: ChangefeedCursor) {\n    changefeed(jobId: $id, after: $after) {\n      __typename\n      ... on ChangefeedRow {\n        cursor\n        table\n        key\n        after\n        before\n        deleted\n        updated\n      }\n      ... on ChangefeedResolved {\n        cursor\n        resolved\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription ReadFeed($id: ID!, $after: ChangefeedCursor) {\n    changefeed(jobId: $id, after: $after) {\n      __typename\n      ... on ChangefeedRow {\n        cursor\n        table\n        key\n        after\n        before\n        deleted\n        updated\n      }\n      ... on ChangefeedResolved {\n        cursor\n        resolved\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AlterWatched($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AlterWatched($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateShop {\n    createDatabase(input: { name: \"shop\" }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateShop {\n    createDatabase(input: { name: \"shop\" }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ImportGoods($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        description\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ImportGoods($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        description\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Rejects($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    job(id: $id) {\n      error\n      ... on ImportJob {\n        rowsImported\n        rowsRejected\n        rejects(first: $first, after: $after, last: $last, before: $before) {\n          edges {\n            cursor\n          }\n          nodes {\n            source\n            line\n            column\n            reason\n            text\n          }\n          pageInfo {\n            hasNextPage\n            hasPreviousPage\n            startCursor\n            endCursor\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Rejects($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    job(id: $id) {\n      error\n      ... on ImportJob {\n        rowsImported\n        rowsRejected\n        rejects(first: $first, after: $after, last: $last, before: $before) {\n          edges {\n            cursor\n          }\n          nodes {\n            source\n            line\n            column\n            reason\n            text\n          }\n          pageInfo {\n            hasNextPage\n            hasPreviousPage\n            startCursor\n            endCursor\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConflictCounts($id: ID!) {\n    job(id: $id) {\n      description\n      ... on ImportJob {\n        rowsImported\n        rowsSkipped\n        rowsReplaced\n        rowsUpdated\n        rowsRejected\n      }\n    }\n  }\n"): (typeof documents)["\n  query ConflictCounts($id: ID!) {\n    job(id: $id) {\n      description\n      ... on ImportJob {\n        rowsImported\n        rowsSkipped\n        rowsReplaced\n        rowsUpdated\n        rowsRejected\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ValidationInput($id: ID!) {\n    job(id: $id) {\n      description\n      inputJson\n    }\n  }\n"): (typeof documents)["\n  query ValidationInput($id: ID!) {\n    job(id: $id) {\n      description\n      inputJson\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateBasket {\n    createDatabase(input: { name: \"basket\" }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateBasket {\n    createDatabase(input: { name: \"basket\" }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ImportFruit($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ImportFruit($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RejectsUrl($id: ID!) {\n    job(id: $id) {\n      ... on ImportJob {\n        rejectsUrl\n        rejects {\n          nodes {\n            line\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query RejectsUrl($id: ID!) {\n    job(id: $id) {\n      ... on ImportJob {\n        rejectsUrl\n        rejects {\n          nodes {\n            line\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteFruit($ids: [ID!]!) {\n    deleteJobs(jobs: { ids: $ids }) {\n      deletedCount\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteFruit($ids: [ID!]!) {\n    deleteJobs(jobs: { ids: $ids }) {\n      deletedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Preview($input: ImportPreviewInput!) {\n    importPreview(input: $input) {\n      format\n      compression\n      encoding\n      delimiter\n      quote\n      escape\n      header\n      skip\n      fieldNames\n      columns {\n        name\n        type\n        nullable\n      }\n      rows\n      problems {\n        source\n        line\n        lastLine\n        column\n        reason\n        text\n      }\n    }\n  }\n"): (typeof documents)["\n  query Preview($input: ImportPreviewInput!) {\n    importPreview(input: $input) {\n      format\n      compression\n      encoding\n      delimiter\n      quote\n      escape\n      header\n      skip\n      fieldNames\n      columns {\n        name\n        type\n        nullable\n      }\n      rows\n      problems {\n        source\n        line\n        lastLine\n        column\n        reason\n        text\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ImportPreviewed($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        rowsImported\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ImportPreviewed($input: CreateImportInput!) {\n    createImport(input: $input) {\n      job {\n        id\n        rowsImported\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateStock {\n    createDatabase(input: { name: \"stock\" }) {\n      database {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateStock {\n    createDatabase(input: { name: \"stock\" }) {\n      database {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeStock($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        rowsBackfilled\n        availableCommands\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ChangeStock($input: CreateSchemaChangeInput!) {\n    createSchemaChange(input: $input) {\n      created\n      job {\n        id\n        type\n        typeName\n        description\n        database\n        tables\n        rowsBackfilled\n        availableCommands\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ChangedStock($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      fractionCompleted\n      statusMessage\n      ... on SchemaChangeJob {\n        tables\n        rowsBackfilled\n      }\n    }\n  }\n"): (typeof documents)["\n  query ChangedStock($id: ID!) {\n    job(id: $id) {\n      status\n      error\n      fractionCompleted\n      statusMessage\n      ... on SchemaChangeJob {\n        tables\n        rowsBackfilled\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseSome($jobs: JobSelector!, $onRefusal: RefusalPolicy!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, onRefusal: $onRefusal, dryRun: $dryRun) {\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      refusals {\n        jobId\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation PauseSome($jobs: JobSelector!, $onRefusal: RefusalPolicy!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, onRefusal: $onRefusal, dryRun: $dryRun) {\n      applied\n      selectedCount\n      changedCount\n      unchangedCount\n      refusedCount\n      refusals {\n        jobId\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SchemaChanges {\n    jobs(where: { type: { equals: SCHEMA_CHANGE } }) {\n      nodes {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query SchemaChanges {\n    jobs(where: { type: { equals: SCHEMA_CHANGE } }) {\n      nodes {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation HoldChange($hold: Boolean!) {\n    createSchemaChange(\n      input: {\n        database: \"stock\"\n        changes: [{ alterColumn: { table: \"goods\", column: \"price\", nullable: false } }]\n        holdBeforeCommit: $hold\n      }\n    ) {\n      job {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation HoldChange($hold: Boolean!) {\n    createSchemaChange(\n      input: {\n        database: \"stock\"\n        changes: [{ alterColumn: { table: \"goods\", column: \"price\", nullable: false } }]\n        holdBeforeCommit: $hold\n      }\n    ) {\n      job {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query HeldChange($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      pauseReason\n      availableCommands\n    }\n  }\n"): (typeof documents)["\n  query HeldChange($id: ID!) {\n    job(id: $id) {\n      status\n      statusMessage\n      pauseReason\n      availableCommands\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CommandHeld($jobs: JobSelector!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, dryRun: $dryRun) {\n      changedCount\n      unchangedCount\n      refusedCount\n    }\n  }\n"): (typeof documents)["\n  mutation CommandHeld($jobs: JobSelector!, $dryRun: Boolean!) {\n    pauseJobs(jobs: $jobs, dryRun: $dryRun) {\n      changedCount\n      unchangedCount\n      refusedCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Execute($sql: String!, $parameters: [JSON], $maxRows: Int! = 1000) {\n    execute(sql: $sql, parameters: $parameters, maxRows: $maxRows) {\n      tag\n      columns {\n        name\n        type\n      }\n      rows\n      truncated\n      notices {\n        severity\n        message\n        sqlState\n      }\n      jobs {\n        id\n        typeName\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Execute($sql: String!, $parameters: [JSON], $maxRows: Int! = 1000) {\n    execute(sql: $sql, parameters: $parameters, maxRows: $maxRows) {\n      tag\n      columns {\n        name\n        type\n      }\n      rows\n      truncated\n      notices {\n        severity\n        message\n        sqlState\n      }\n      jobs {\n        id\n        typeName\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query IdsOf($where: JobFilter) {\n    jobs(where: $where, first: 1000) {\n      nodes {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query IdsOf($where: JobFilter) {\n    jobs(where: $where, first: 1000) {\n      nodes {\n        id\n      }\n    }\n  }\n"];
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
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetPrivileges($name: String!, $privileges: [Privilege!]!) {\n    updateUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        privileges\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SetPrivileges($name: String!, $privileges: [Privilege!]!) {\n    updateUser(input: { name: $name, privileges: $privileges }) {\n      user {\n        privileges\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ReadChanges($id: ID!) {\n    changefeed(jobId: $id) {\n      __typename\n    }\n  }\n"): (typeof documents)["\n  subscription ReadChanges($id: ID!) {\n    changefeed(jobId: $id) {\n      __typename\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;
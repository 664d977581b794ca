/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The sorts of actors that change jobs. */
export type ActorKind =
  /** The server itself: recovery, retention. */
  | 'SYSTEM'
  /** A person or program, by a command or by creating the job. */
  | 'USER'
  /** The worker that ran the job, by a report. */
  | 'WORKER';

/** Adds a CHECK constraint to a table. */
export type AddCheck = {
  /** An SQL expression on columns of the table. A row for which it is false fails the job. */
  expression: string;
  /** The name of the constraint. */
  name: string;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
};

/** Adds a column at the end of a table. */
export type AddColumn = {
  /** The new column. It cannot be part of the primary key. */
  column: ColumnInput;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
};

/** Adds a FOREIGN KEY constraint to a table. A row that refers to no row of the other table fails the job. */
export type AddForeignKey = {
  /** The columns that refer to the other table, in order. */
  columns: Array<string>;
  /** The name of the constraint. */
  name: string;
  /** What a deletion of the referred row does. */
  onDelete?: ForeignKeyAction;
  /** What a new key of the referred row does. */
  onUpdate?: ForeignKeyAction;
  /** The table that is referred to. It may be the same table. */
  references: string;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
  /** Its columns, in the same order: its primary key, or columns that are unique together. */
  to: Array<string>;
};

/** Adds a UNIQUE constraint to a table. Two rows with the same values fail the job. */
export type AddUnique = {
  /** The columns whose values are unique together, in order. */
  columns: Array<string>;
  /** The name of the constraint. */
  name: string;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
};

/** Changes a column. What is omitted stays as it is. */
export type AlterColumn = {
  /** The name of the column. */
  column: string;
  /** The new default: an SQL expression. Existing rows keep their values. */
  default?: string | null | undefined;
  /** Removes the default. Not together with `default`. */
  dropDefault?: boolean | null | undefined;
  /** Whether the column may hold NULL. A NULL that exists fails the job. */
  nullable?: boolean | null | undefined;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
  /** The new type. A value that it cannot hold without loss fails the job. */
  type?: string | null | undefined;
};

/** The columns of a table that a changefeed sends, besides its key. */
export type ChangefeedColumns = {
  /** The columns that are sent. An empty list sends the key only. */
  columns: Array<string>;
  /** One of the watched tables. */
  table: string;
};

/** What a message holds. docs/changefeed-format.md describes each. */
export type ChangefeedEnvelope =
  /** The row as it is now, with the other fields in `_signalbox`. */
  | 'BARE'
  /** Only the key. */
  | 'KEY_ONLY'
  /** The key, the row as it is now, and the other fields that were requested. */
  | 'WRAPPED';

/** Where a changefeed reads the changes. */
export type ChangefeedSource =
  /** The log where the database has one for it, otherwise an error that names the setting. For SQLite, triggers. */
  | 'AUTO'
  /** The log of the database. SQLite has none that can be read. */
  | 'LOG'
  /** Triggers on the tables, for which writers pay. */
  | 'TRIGGERS';

/** A column to create. */
export type ColumnInput = {
  /** The default: an SQL literal such as `0` or `'none'`. None if omitted. */
  default?: string | null | undefined;
  /** The name, which is literal: it is never split at a dot. */
  name: string;
  /** Whether the column may hold NULL. */
  nullable?: boolean | null | undefined;
  /** Whether the column is part of the primary key. */
  primaryKey?: boolean | null | undefined;
  /** A type that docs/types.md lists: one of SQLite, or a common name of PostgreSQL, CockroachDB or MySQL. */
  type: string;
};

/** How sources are compressed. */
export type Compression =
  /** By each source's content, or else the ending of its name. */
  | 'AUTO'
  /** The format of Brotli (RFC 7932). */
  | 'BROTLI'
  /** The format of bzip2. */
  | 'BZIP2'
  /** The format of gzip (RFC 1952). */
  | 'GZIP'
  /** Not compressed. */
  | 'NONE'
  /** The format of Zstandard (RFC 8878). */
  | 'ZSTD';

/** What to do with a row that has the values of another row, existing or imported, in a primary key or unique index. */
export type ConflictPolicy =
  /** The row is a bad row. */
  | 'FAIL'
  /** The existing rows that conflict are deleted and the new one is inserted. ON DELETE actions and delete triggers run. */
  | 'REPLACE'
  /** The existing row stays. */
  | 'SKIP'
  /** The columns of the existing row that the source has are updated. If several rows conflict, the one with the same primary key, or else with the same values in the unique constraint or index that was created first. */
  | 'UPDATE';

/** A backup to create. */
export type CreateBackupInput = {
  /** The name of the database to back up. */
  database: string;
  /** The storage URL of a folder that holds no backup yet: nodelocal:, s3:, azure: or gs:. */
  destination: string;
  /** Encrypts the backup with AES-256-GCM. A restore needs the same passphrase, and so does a backup that is incremental on this one. It is kept nowhere in the clear, and it cannot be recovered. */
  encryptionPassphrase?: string | null | undefined;
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for the same mutation returns the same job, as long as that job is kept. With a different input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** The URL of the parent backup. Only content that the parent lacks is stored; a restore needs both. */
  incrementalFrom?: string | null | undefined;
  /** Runs SQLite's integrity_check on the snapshot. A fault does not fail the job: it is among its warnings, since a backup of a damaged database may be the best there is. */
  integrityCheck?: boolean;
  /** How many backups remain: when this one is complete, older complete ones of the same user and database are removed whose destinations differ from this one in nothing but digits, such as a date. One that another backup needs, or that a job uses, stays. None is removed if omitted. */
  keep?: number | null | undefined;
  /** The number of bytes that the job may store in a second, on average. Unlimited if omitted. */
  maxBytesPerSecond?: number | null | undefined;
  /** The tables to back up. All tables that exist when the snapshot is taken if omitted. */
  tables?: Array<string> | null | undefined;
};

/** A changefeed to create. */
export type CreateChangefeedInput = {
  /** After a schema change of a watched table, sends its rows again in the new shape. */
  backfill?: boolean;
  /** Only these columns, besides the key. */
  columns?: Array<ChangefeedColumns> | null | undefined;
  /** The name of the database. */
  database: string;
  /** Adds the row as it was before the change. Only with envelope WRAPPED. */
  diff?: boolean;
  /** What a message holds. */
  envelope?: ChangefeedEnvelope;
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for the same mutation returns the same job, as long as that job is kept. With a different input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Whether the existing rows are sent. */
  initialScan?: InitialScan;
  /** What happens after an error that is not transient. */
  onError?: ErrorPolicy;
  /** What happens when a watched table, or the database's file, is replaced by another of the same name. */
  onTableReplaced?: TableReplacedPolicy;
  /** Adds `operation` and `transaction` to each message. */
  operations?: boolean;
  /** Sends, at most this often, a message that nothing older will follow. In milliseconds, up to 24 hours. No such messages if omitted. */
  resolvedEveryMs?: number | null | undefined;
  /** The URL that receives the messages: webhook-http:, webhook-https:, nodelocal:, s3:, azure: or gs:. If omitted, the messages are read through the `changefeed` subscription. */
  sink?: string | null | undefined;
  /** Where the changes are read. */
  source?: ChangefeedSource;
  /** The tables to watch, from 1 to 100, each with a primary key. Names are literal. */
  tables: Array<string>;
  /** Adds the time of the change to each message. */
  updated?: boolean;
};

/** An import to create. */
export type CreateImportInput = {
  /** Creates the table with these columns. If omitted, the table must exist. */
  columns?: Array<ColumnInput> | null | undefined;
  /** How rows are parsed, with format CSV, PGCOPY or MYSQL_OUTFILE. What it leaves out has the default of CSV. With format XLSX, only `skip`, `header`, `nulls`, `trim` and `shortRows`. */
  csv?: CsvOptions | null | undefined;
  /** The name of the target database. */
  database: string;
  /** How all sources are compressed. */
  decompress?: Compression;
  /** Checks foreign keys when all rows are in, so that a row may come before the row that it refers to. Not for tables with triggers, and not with onConflict REPLACE or UPDATE in an existing table. Keys that are INITIALLY DEFERRED are always checked so where that is possible. */
  deferForeignKeys?: boolean;
  /** How the text of all sources is encoded: a label of the WHATWG Encoding Standard such as `windows-1252`, or `AUTO` to detect it in each source. A byte order mark overrides it. A row with bytes that the encoding does not define is a bad row. */
  encoding?: string;
  /** Which fields fill which columns; all others are ignored. */
  fields?: Array<FieldMapping> | null | undefined;
  /** The format of all sources. */
  format?: ImportFormat;
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for the same mutation returns the same job, as long as that job is kept. With a different input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Creates the table with columns inferred from a sample, as importPreview shows them. */
  inferColumns?: boolean;
  /** The columns that the fields of a row fill, in order, if no header names them. */
  into?: Array<string> | null | undefined;
  /** Limits the load on a database that is in use. No limit if omitted. */
  maxRowsPerSecond?: number | null | undefined;
  /** What to do with a row that conflicts with another one. BAD_USER_INPUT if a cancel could not bring back the rows that it changes. */
  onConflict?: ConflictPolicy;
  /** The number of bad rows to set aside, with source, line and reason, before another one fails the job. */
  rejectLimit?: number;
  /** With format XLSX: the name of the sheet. The first one if omitted. */
  sheet?: string | null | undefined;
  /** From 1 to 1,000 URLs, which are read in order: nodelocal:, s3:, azure:, gs:, http: or https:. In the path of any but the last two, `*` stands for any characters of a name, and `[0-9]` for one of a set: the files are listed, sorted, when the job is created. */
  sources: Array<string>;
  /** The name of the target table. Names are literal and never split at a dot. */
  table: string;
  /** What to do with keys of NDJSON, JSON and Parquet that are no column. */
  unknownKeys?: UnknownKeyPolicy;
  /** Reads all sources, and counts the rows as an import would: those to be inserted, those that conflict, and bad rows. Creates no table and changes no row; only rejected rows are kept. In an existing table, not with deferForeignKeys, triggers on INSERT or INITIALLY DEFERRED foreign keys, nor with onConflict REPLACE or UPDATE if the actions of foreign keys that refer to the table would run. */
  validateOnly?: boolean;
};

/** Creates an index. */
export type CreateIndex = {
  /** The columns to index, in order. Either this or `parts`. */
  columns?: Array<string> | null | undefined;
  /** The name of the index. */
  name: string;
  /** The parts of the index, in order, for expressions, directions and collations. Either this or `columns`. */
  parts?: Array<IndexPart> | null | undefined;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
  /** Whether the index rejects duplicates. An existing one fails the job. */
  unique?: boolean;
  /** An SQL expression that selects the rows to index. All rows if omitted. */
  where?: string | null | undefined;
};

/** A restore to create. */
export type CreateRestoreInput = {
  /** The tables that are restored under other names. Their indexes, triggers and foreign keys, and the views that name them, follow. An index or a trigger whose name is in use gets the name of its table appended. */
  as?: Array<RestoreTableAs> | null | undefined;
  /** The name of the target database. It is created if it does not exist. A table that already exists in it is an error and is left as it is. */
  database: string;
  /** The passphrase of an encrypted backup. It is kept nowhere in the clear. */
  encryptionPassphrase?: string | null | undefined;
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for the same mutation returns the same job, as long as that job is kept. With a different input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** The number of bytes of the snapshot that the job may fetch in a second, on average. Unlimited if omitted. */
  maxBytesPerSecond?: number | null | undefined;
  /** The URL of a complete backup: nodelocal:, s3:, azure:, gs:, http: or https:. */
  source: string;
  /** The tables to restore. All tables of the backup if omitted. */
  tables?: Array<string> | null | undefined;
  /** Reads and verifies everything, runs integrity_check on the result, makes nothing visible and leaves nothing. The database is not created, and nothing is written to one that exists. */
  verifyOnly?: boolean;
};

/** A schema change to create. */
export type CreateSchemaChangeInput = {
  /** From 1 to 100 changes, applied together, in order, in one copy where a copy is needed: all or none. */
  changes: Array<SchemaChangeInput>;
  /** The name of the database. */
  database: string;
  /** Pauses the job when everything is copied. RESUME then swaps the tables, and CANCEL leaves them as they were. */
  holdBeforeCommit?: boolean;
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for the same mutation returns the same job, as long as that job is kept. With a different input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
};

/** A user to create. */
export type CreateUserInput = {
  /** Whether the user is an admin. */
  admin?: boolean;
  /** What the user's jobs may use. None if omitted. */
  databases?: DatabaseAccess | null | undefined;
  /** What the user's URLs may name. None if omitted. */
  files?: FileAccess | null | undefined;
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer returns the same user, as they are now, as long as they exist. With another input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** From 1 to 64 letters, digits, `_`, `.`, `@` and `-`; the first is a letter, a digit or `_`. */
  name: string;
  /** The privileges of the user. */
  privileges?: Array<Privilege>;
};

/** CsvOptions without defaults: what is left out is detected. */
export type CsvDetectOptions = {
  /** Lines that begin with this character are skipped. */
  comment?: string | null | undefined;
  /** The text between fields. */
  delimiter?: string | null | undefined;
  /** The character that makes the next one literal. None if omitted. */
  escape?: string | null | undefined;
  /** Whether the first line after `skip` names the columns. */
  header?: boolean | null | undefined;
  /** Texts that represent NULL, in addition to an empty unquoted field. */
  nulls?: Array<string> | null | undefined;
  /** How numbers are written. */
  numbers?: NumberFormat | null | undefined;
  /** The character around quoted fields. */
  quote?: string | null | undefined;
  /** Whether a quoted field can be NULL as well. */
  quotedNulls?: boolean | null | undefined;
  /** Whether a row may have too few fields. */
  shortRows?: boolean | null | undefined;
  /** The number of lines to skip. */
  skip?: number | null | undefined;
  /** Removes spaces and tabs around fields. */
  trim?: boolean | null | undefined;
};

/** How CSV is parsed. TSV is CSV with the delimiter "\t". */
export type CsvOptions = {
  /** Lines that begin with this character are skipped. */
  comment?: string | null | undefined;
  /** The text between fields, of 1 to 10 characters. */
  delimiter?: string | null | undefined;
  /** The ASCII character that makes the next one literal, inside and outside quotes. */
  escape?: string | null | undefined;
  /** Whether the first line after `skip` names the columns. */
  header?: boolean | null | undefined;
  /** A quoted field that spans more lines fails the job. No limit if omitted. */
  maxFieldLines?: number | null | undefined;
  /**
   * The text that represents NULL. If omitted, an empty unquoted field is NULL and an empty quoted field is ''.
   * @deprecated Use nulls. Both together are an error.
   */
  nullif?: string | null | undefined;
  /** Texts that represent NULL, in addition to an empty unquoted field. */
  nulls?: Array<string> | null | undefined;
  /** How numbers are written. `1234.5` if omitted. */
  numbers?: NumberFormat | null | undefined;
  /** The ASCII character around quoted fields. null: no field is quoted. */
  quote?: string | null | undefined;
  /** Whether a quoted field can be NULL as well: for exports that quote everything. */
  quotedNulls?: boolean | null | undefined;
  /** Whether a row may have too few fields: the other columns get their default, or NULL. */
  shortRows?: boolean | null | undefined;
  /** The number of lines to skip at the start of each source. */
  skip?: number | null | undefined;
  /** Removes spaces and tabs around fields, outside of their quotes. */
  trim?: boolean | null | undefined;
};

/** The databases that the jobs of a user may use. Admins may use all, and everyone those that their jobs created. */
export type DatabaseAccess =
  {   /** true: every database, those that are created later included. false: none. */
  all: boolean; names?: never; }
  |  { all?: never;   /** The names of existing databases. An empty list: none. */
  names: Array<string>; };

/** Compares a point in time. All given conditions must hold. */
export type DateTimeFilter = {
  /** The value is after this time. */
  gt?: string | null | undefined;
  /** The value is at or after this time. */
  gte?: string | null | undefined;
  /** true: the value is absent. false: it is present. */
  isNull?: boolean | null | undefined;
  /** The value is before this time. */
  lt?: string | null | undefined;
  /** The value is at or before this time. */
  lte?: string | null | undefined;
};

/** Removes a column and its values. */
export type DropColumn = {
  /** The name of the column. */
  column: string;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
};

/** Removes an index. */
export type DropIndex = {
  /** The name of the index. */
  name: string;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
};

/** What a changefeed does about an error that is not transient. */
export type ErrorPolicy =
  /** The job fails. */
  | 'FAIL'
  /** The job is paused with the error as its reason, and can be resumed. */
  | 'PAUSE';

/** Which field of a source fills a column. Other fields are ignored. */
export type FieldMapping = {
  /** The name of the column that it fills. */
  column: string;
  /** How dates are written in this field, such as `dd.MM.yyyy HH:mm`. ISO 8601 if omitted. */
  dateFormat?: string | null | undefined;
  /** The field. */
  from: FieldReference;
};

/** A field of a source. */
export type FieldReference =
  {   /** The name of the field in the header, or its key. */
  name: string; position?: never; }
  |  { name?: never;   /** The position of the field, from 1. */
  position: number; };

/** The files that the `nodelocal:` URLs of a user may name. Admins may name all. */
export type FileAccess =
  {   /** true: all files. false: none. */
  all: boolean; folder?: never; }
  |  { all?: never;   /** A folder below `files/`, such as `team/ann`: the files in it, at any depth. */
  folder: string; };

/** Compares a number. All given conditions must hold. */
export type FloatFilter = {
  /** The value is greater than this number. */
  gt?: number | null | undefined;
  /** The value is greater than or equal to this number. */
  gte?: number | null | undefined;
  /** true: the value is absent. false: it is present. */
  isNull?: boolean | null | undefined;
  /** The value is less than this number. */
  lt?: number | null | undefined;
  /** The value is less than or equal to this number. */
  lte?: number | null | undefined;
};

/** What happens to a row when the row that it refers to is deleted or gets another key. */
export type ForeignKeyAction =
  /** The row is deleted, or gets the new key. */
  | 'CASCADE'
  /** The statement fails if the row still lacks its parent at the end of it. */
  | 'NO_ACTION'
  /** The statement fails at once. */
  | 'RESTRICT'
  /** The columns get their defaults. */
  | 'SET_DEFAULT'
  /** The columns become NULL. */
  | 'SET_NULL';

/** Compares an id. All given conditions must hold. */
export type IdFilter = {
  /** The value is equal to this one. */
  equals?: string | null | undefined;
  /** The id is greater than this one, as a number. */
  gt?: string | null | undefined;
  /** The id is greater than or equal to this one, as a number. */
  gte?: string | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<string> | null | undefined;
  /** The id is less than this one, as a number. */
  lt?: string | null | undefined;
  /** The id is less than or equal to this one, as a number. */
  lte?: string | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: string | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<string> | null | undefined;
};

/** The format of the sources. */
export type ImportFormat =
  /** Rows of fields that are separated by a delimiter (RFC 4180, with options). */
  | 'CSV'
  /** JSON objects in an array, or one after the other, on as many lines as they take; also in an array that is the value of a key of one object. Their keys name the columns. */
  | 'JSON'
  /** What MySQL's SELECT … INTO OUTFILE writes: tabs, backslashes, `\\N` for NULL, and no header. */
  | 'MYSQL_OUTFILE'
  /** One JSON object on each line. Its keys name the columns. */
  | 'NDJSON'
  /** Apache Parquet. Its columns, which must not be nested, name the columns, and its lines are rows, from 1. */
  | 'PARQUET'
  /** The text format of PostgreSQL's COPY: tabs, backslashes, `\\N` for NULL, and no header. */
  | 'PGCOPY'
  /** An Excel workbook. One of its sheets is read, and its lines are the numbers of rows. */
  | 'XLSX';

/** A source to preview. What is left out is detected. */
export type ImportPreviewInput = {
  /** The columns of a new table. Inferred if omitted. */
  columns?: Array<ColumnInput> | null | undefined;
  /** How CSV is parsed. What it leaves out is detected. */
  csv?: CsvDetectOptions | null | undefined;
  /** The name of a database. With `table`, the columns of that table are used. */
  database?: string | null | undefined;
  /** How the source is compressed. Detected if omitted. */
  decompress?: Compression | null | undefined;
  /** How its text is encoded: a label of the WHATWG Encoding Standard, or `AUTO`. Detected if omitted. */
  encoding?: string | null | undefined;
  /** Which fields fill which columns. */
  fields?: Array<FieldMapping> | null | undefined;
  /** The format. Detected if omitted. */
  format?: ImportFormat | null | undefined;
  /** The number of rows to return, up to 1,000. */
  rows?: number;
  /** With format XLSX: the name of the sheet. The first one if omitted. */
  sheet?: string | null | undefined;
  /** The URLs of the sources. The first one is read. */
  sources: Array<string>;
  /** The name of a table that exists. */
  table?: string | null | undefined;
};

/** A part of an index. */
export type IndexPart = {
  /** The collation that compares texts: BINARY, NOCASE or RTRIM. The one of the column if omitted. */
  collation?: string | null | undefined;
  /** A column or an expression. */
  on: IndexPartTarget;
  /** The order of the values in the index. */
  order?: OrderDirection;
};

/** What a part of an index is on. */
export type IndexPartTarget =
  {   /** A column of the table. */
  column: string; expression?: never; }
  |  { column?: never;   /** A deterministic SQL expression on columns of the table. */
  expression: string; };

/** Whether a changefeed sends the rows that exist when it starts. */
export type InitialScan =
  /** Only changes from now on. */
  | 'NO'
  /** Only the existing rows: the job ends after them. */
  | 'ONLY'
  /** First the existing rows, then every change. */
  | 'YES';

/** A command that changes the status of a job. */
export type JobCommand =
  /** Stops the job, undoes its work and ends it. */
  | 'CANCEL'
  /** Stops the job and keeps its checkpoint. */
  | 'PAUSE'
  /** Continues a paused job from its checkpoint, or withdraws a requested pause. */
  | 'RESUME';

/** Compares a command. All given conditions must hold. */
export type JobCommandFilter = {
  /** The value is equal to this one. */
  equals?: JobCommand | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<JobCommand> | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: JobCommand | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<JobCommand> | null | undefined;
};

/** Selects events by the event's own content, which is fixed when it is written: a replay therefore selects exactly what the live stream did. All given conditions must hold. `{}` matches every event. */
export type JobEventFilter = {
  /** The name of the user, worker or service that made the change. Whole names of users are compared without case. */
  actor?: StringFilter | null | undefined;
  /** All of these filters match. */
  and?: Array<JobEventFilter> | null | undefined;
  /** When the event was written. */
  at?: DateTimeFilter | null | undefined;
  /** The command. Absent if no command made the change. */
  command?: JobCommandFilter | null | undefined;
  /** The database that the job works on. */
  database?: StringFilter | null | undefined;
  /** The equivalent statement. */
  description?: StringFilter | null | undefined;
  /** The error that caused the change. */
  error?: StringFilter | null | undefined;
  /** The status before the change. Absent for the creation. */
  from?: JobStatusFilter | null | undefined;
  /** The id of the job. */
  jobId?: IdFilter | null | undefined;
  /** This filter does not match. */
  not?: JobEventFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<JobEventFilter> | null | undefined;
  /** The reason that was given with the command. */
  reason?: StringFilter | null | undefined;
  /** The status after the change. */
  to?: JobStatusFilter | null | undefined;
  /** The type of the job. */
  type?: JobTypeFilter | null | undefined;
  /** The name of the type, or of the custom kind. */
  typeName?: StringFilter | null | undefined;
  /** The user who created the job. Whole names are compared without case. */
  userName?: StringFilter | null | undefined;
};

/** Selects jobs. All given conditions must hold. A filter means the same in a query, a control mutation and a subscription. Logic is two-valued: a comparison with an absent value is false, and `not` negates that. In a query or a subscription `{}` matches every job; in a control mutation it is BAD_USER_INPUT. */
export type JobFilter = {
  /** All of these filters match. */
  and?: Array<JobFilter> | null | undefined;
  /** When the job was created. */
  createdAt?: DateTimeFilter | null | undefined;
  /** The database that the job works on. */
  database?: StringFilter | null | undefined;
  /** The equivalent statement. */
  description?: StringFilter | null | undefined;
  /** Why the job failed or is reverting. */
  error?: StringFilter | null | undefined;
  /** When the job ended. */
  finishedAt?: DateTimeFilter | null | undefined;
  /** The completed fraction, from 0 to 1. */
  fractionCompleted?: FloatFilter | null | undefined;
  /** The id of the job. */
  id?: IdFilter | null | undefined;
  /** When the job last changed. */
  modifiedAt?: DateTimeFilter | null | undefined;
  /** This filter does not match. */
  not?: JobFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<JobFilter> | null | undefined;
  /** The id of the schedule that created the job. Absent if none did. */
  scheduleId?: IdFilter | null | undefined;
  /** When the job first ran. */
  startedAt?: DateTimeFilter | null | undefined;
  /** The current status. */
  status?: JobStatusFilter | null | undefined;
  /** The type of the job. */
  type?: JobTypeFilter | null | undefined;
  /** The name of the type, or of the custom kind. */
  typeName?: StringFilter | null | undefined;
  /** The user who created the job. Whole names are compared without case. */
  userName?: StringFilter | null | undefined;
};

/** The order of a list of jobs. */
export type JobOrder = {
  /** The direction of the list. */
  direction?: OrderDirection;
  /** What the list is sorted by. */
  field?: JobOrderField;
};

/** What a list of jobs is sorted by. Ties are sorted by id. */
export type JobOrderField =
  /** When the job was created. */
  | 'CREATED_AT'
  /** When the job ended. Unfinished jobs sort as if they will finish last. */
  | 'FINISHED_AT'
  /** When the job last changed. */
  | 'MODIFIED_AT';

/** Selects jobs by their ids, by a filter (the nested SELECT of PAUSE JOBS), or all of them. An empty filter is BAD_USER_INPUT at any depth (`{}`, an explicit null, an empty list, `contains: ""`), and so are `ids: []` and `all: false`, so that a mistake in a front end does not act on every job. */
export type JobSelector =
  {   /** Must be true: all visible jobs. */
  all: boolean; ids?: never; where?: never; }
  |  { all?: never;   /** From 1 to 10,000 ids. Duplicates count once. An id that does not exist, or is not visible, is NOT_FOUND. */
  ids: Array<string>; where?: never; }
  |  { all?: never; ids?: never;   /** All visible jobs that match. */
  where: JobFilter; };

/** The status of a job. SUCCEEDED, FAILED and CANCELED are final; docs/status-machine.md has the table of changes. Clients must expect new values. */
export type JobStatus =
  /** Ended: the job was canceled and its work has been undone. */
  | 'CANCELED'
  /** A cancel has been requested; the work has not yet stopped. */
  | 'CANCEL_REQUESTED'
  /** Ended: the work failed and has been undone. `error` has the cause. */
  | 'FAILED'
  /** Stopped, with its checkpoint kept. Nothing is written on its behalf. */
  | 'PAUSED'
  /** A pause has been requested; the worker has not yet stopped. */
  | 'PAUSE_REQUESTED'
  /** Waits for a worker, for its next attempt, or for a job in `blockedBy`. `statusMessage` says which. */
  | 'PENDING'
  /** Undoes its work after a cancel or a failure. This is retried until it succeeds. */
  | 'REVERTING'
  /** A worker is executing it. */
  | 'RUNNING'
  /** Ended: the work is complete. */
  | 'SUCCEEDED';

/** Compares a status. All given conditions must hold. */
export type JobStatusFilter = {
  /** The value is equal to this one. */
  equals?: JobStatus | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<JobStatus> | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: JobStatus | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<JobStatus> | null | undefined;
};

/** The type of a job. Clients must expect new values. */
export type JobType =
  /** Stores a snapshot of a database at a storage URL. */
  | 'BACKUP'
  /** Sends every change of some tables to a sink or a subscription. It runs until it is canceled. */
  | 'CHANGEFEED'
  /** A kind that was added to this server. `typeName` has its name. */
  | 'CUSTOM'
  /** Reads rows from files into a table. */
  | 'IMPORT'
  /** Copies a backup, or some of its tables, into a database. */
  | 'RESTORE'
  /** Changes columns and indexes of tables while they are in use. */
  | 'SCHEMA_CHANGE';

/** Compares a type of job. All given conditions must hold. */
export type JobTypeFilter = {
  /** The value is equal to this one. */
  equals?: JobType | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<JobType> | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: JobType | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<JobType> | null | undefined;
};

/** How numbers are written: `1.234,5` has decimal `,` and group `.`. */
export type NumberFormat = {
  /** The character before the fraction. */
  decimal?: string;
  /** The character between groups of three digits. None if omitted. */
  group?: string | null | undefined;
};

/** The direction of a list. */
export type OrderDirection =
  /** Smallest or oldest first. */
  | 'ASC'
  /** Largest or newest first. */
  | 'DESC';

/** What a user who is not an admin may do besides seeing their own jobs. Admins may do everything. */
export type Privilege =
  /** Sees the jobs of all users, and controls those of users who are not admins. */
  | 'CONTROLJOB'
  /** May create jobs, and read databases and backups, as far as they are granted. */
  | 'CREATEJOB'
  /** May restore triggers and views. Without it they are left out of a restore, with a warning. */
  | 'TRIGGERS'
  /** Sees the jobs of all users. */
  | 'VIEWJOB';

/** Why a job refused a command. Clients must expect new values. */
export type RefusalCode =
  /** The viewer may see the job but not control it. */
  | 'FORBIDDEN'
  /** The status of the job does not allow the command. */
  | 'INVALID_STATUS'
  /** Jobs of this type cannot be canceled. */
  | 'NOT_CANCELABLE'
  /** No job has this id, or the viewer may not see it. */
  | 'NOT_FOUND'
  /** Jobs of this type cannot be paused. */
  | 'NOT_PAUSABLE';

/** What a control mutation does if some of the selected jobs refuse the command. */
export type RefusalPolicy =
  /** All or nothing: a single refusal means that nothing is applied. */
  | 'ABORT'
  /** Refused jobs are listed; the others change. */
  | 'SKIP';

/** Renames a column. Indexes, triggers, views and foreign keys that name it follow. */
export type RenameColumn = {
  /** The name of the column. */
  column: string;
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
  /** The new name. */
  to: string;
};

/** Renames a table. Indexes, triggers, views, foreign keys and changefeeds follow. */
export type RenameTable = {
  /** The name of the table. It is literal and never split at a dot. */
  table: string;
  /** The new name. */
  to: string;
};

/** A table that is restored under another name. */
export type RestoreTableAs = {
  /** The name of the table in the backup. */
  table: string;
  /** The name that it gets. */
  to: string;
};

/** One change of a table. */
export type SchemaChangeInput =
  {   /** Adds a CHECK constraint. */
  addCheck: AddCheck; addColumn?: never; addForeignKey?: never; addUnique?: never; alterColumn?: never; createIndex?: never; dropColumn?: never; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never;   /** Adds a column. */
  addColumn: AddColumn; addForeignKey?: never; addUnique?: never; alterColumn?: never; createIndex?: never; dropColumn?: never; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never;   /** Adds a FOREIGN KEY constraint. */
  addForeignKey: AddForeignKey; addUnique?: never; alterColumn?: never; createIndex?: never; dropColumn?: never; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never;   /** Adds a UNIQUE constraint. */
  addUnique: AddUnique; alterColumn?: never; createIndex?: never; dropColumn?: never; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never; addUnique?: never;   /** Changes the type, the default or the nullability of a column. */
  alterColumn: AlterColumn; createIndex?: never; dropColumn?: never; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never; addUnique?: never; alterColumn?: never;   /** Creates an index. */
  createIndex: CreateIndex; dropColumn?: never; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never; addUnique?: never; alterColumn?: never; createIndex?: never;   /** Removes a column. */
  dropColumn: DropColumn; dropIndex?: never; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never; addUnique?: never; alterColumn?: never; createIndex?: never; dropColumn?: never;   /** Removes an index. */
  dropIndex: DropIndex; renameColumn?: never; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never; addUnique?: never; alterColumn?: never; createIndex?: never; dropColumn?: never; dropIndex?: never;   /** Renames a column. */
  renameColumn: RenameColumn; renameTable?: never; }
  |  { addCheck?: never; addColumn?: never; addForeignKey?: never; addUnique?: never; alterColumn?: never; createIndex?: never; dropColumn?: never; dropIndex?: never; renameColumn?: never;   /** Renames a table. */
  renameTable: RenameTable; };

/** Compares a text. All given conditions must hold. `contains`, `startsWith` and `ilike` ignore the case of ASCII letters; the other conditions do not. `%` and `_` are ordinary characters, except in `like` and `ilike`. */
export type StringFilter = {
  /** The value contains this text. ASCII case is ignored. */
  contains?: string | null | undefined;
  /** The value is equal to this one. */
  equals?: string | null | undefined;
  /** The same as `like`. ASCII case is ignored. */
  ilike?: string | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<string> | null | undefined;
  /** true: the value is absent. false: it is present. */
  isNull?: boolean | null | undefined;
  /** The whole value matches this pattern, in which `%` stands for any text, `_` for one character, and a backslash makes the next character literal. */
  like?: string | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: string | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<string> | null | undefined;
  /** The value starts with this text. ASCII case is ignored. */
  startsWith?: string | null | undefined;
};

/** What a changefeed does when a watched table, or the file of the database, is replaced. */
export type TableReplacedPolicy =
  /** It is an error that is not transient: `onError` applies. */
  | 'FAIL'
  /** The job is paused with what happened as its reason; resuming it rescans. */
  | 'PAUSE'
  /** Sends the difference, deletions included. */
  | 'RESCAN';

/** What to do with a key that names no column. */
export type UnknownKeyPolicy =
  /** The row is a bad row. */
  | 'FAIL'
  /** The value is ignored. */
  | 'IGNORE';

/** A change of a user. A field that is omitted stays as it is; so do `admin` and `privileges` if they are null. */
export type UpdateUserInput = {
  /** Whether the user is an admin. root stays one. */
  admin?: boolean | null | undefined;
  /** Replaces what the user's jobs may use. */
  databases?: DatabaseAccess | null | undefined;
  /** Replaces what the user's URLs may name. */
  files?: FileAccess | null | undefined;
  /** The name of the user to change. */
  name: string;
  /** Replaces all privileges of the user. */
  privileges?: Array<Privilege> | null | undefined;
};

export type PauseSelectedMutationVariables = Exact<{
  jobs: JobSelector;
  onRefusal?: RefusalPolicy;
  dryRun?: boolean;
  expectedCount?: number | null | undefined;
  unchangedSince?: string | null | undefined;
}>;


export type PauseSelectedMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type ResumeSelectedMutationVariables = Exact<{
  jobs: JobSelector;
  dryRun?: boolean;
}>;


export type ResumeSelectedMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type CancelSelectedMutationVariables = Exact<{
  jobs: JobSelector;
  dryRun?: boolean;
}>;


export type CancelSelectedMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type LogAndJobsQueryVariables = Exact<{ [key: string]: never; }>;


export type LogAndJobsQuery = { jobs: { cursor: string, nodes: Array<
      | { id: string, status: JobStatus, modifiedAt: string, pauseReason: string | null }
      | { id: string, status: JobStatus, modifiedAt: string, pauseReason: string | null }
      | { id: string, status: JobStatus, modifiedAt: string, pauseReason: string | null }
      | { id: string, status: JobStatus, modifiedAt: string, pauseReason: string | null }
      | { id: string, status: JobStatus, modifiedAt: string, pauseReason: string | null }
      | { id: string, status: JobStatus, modifiedAt: string, pauseReason: string | null }
    > } | null };

export type GrantMutationVariables = Exact<{
  input: UpdateUserInput;
}>;


export type GrantMutation = { updateUser: { user: { allDatabases: boolean, databases: Array<string>, allFiles: boolean, filesFolder: string | null } } | null };

export type SeenDatabasesQueryVariables = Exact<{
  name: string;
  id: string;
}>;


export type SeenDatabasesQuery = { databases: Array<{ name: string }> | null, database: { name: string } | null, node:
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null };

export type WaitingQueryVariables = Exact<{
  id: string;
}>;


export type WaitingQuery = { job:
    | { status: JobStatus, statusMessage: string | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { status: JobStatus, statusMessage: string | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { status: JobStatus, statusMessage: string | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { status: JobStatus, statusMessage: string | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { status: JobStatus, statusMessage: string | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { status: JobStatus, statusMessage: string | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
   | null };

export type PauseFirstMutationVariables = Exact<{
  id: string;
}>;


export type PauseFirstMutation = { pauseJobs: { changedCount: number } | null };

export type CancelFirstMutationVariables = Exact<{
  id: string;
}>;


export type CancelFirstMutation = { cancelJobs: { changedCount: number } | null };

export type ListedNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListedNamesQuery = { databases: Array<{ name: string }> | null };

export type CreateOfNameMutationVariables = Exact<{
  name: string;
}>;


export type CreateOfNameMutation = { createDatabase: { database: { name: string } } | null };

export type JobsQueryVariables = Exact<{ [key: string]: never; }>;


export type JobsQuery = { jobs: { totalCount: number | null, nodes: Array<
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
    > } | null, jobEvents: { nodes: Array<{ jobId: string }> } | null };

export type WholeLogQueryVariables = Exact<{ [key: string]: never; }>;


export type WholeLogQuery = { jobEvents: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, at: string, jobId: string }> } | null };

export type BackUpFaultyMutationVariables = Exact<{
  input: CreateBackupInput;
}>;


export type BackUpFaultyMutation = { createBackup: { job: { id: string } } | null };

export type RestoreFaultyMutationVariables = Exact<{
  input: CreateRestoreInput;
}>;


export type RestoreFaultyMutation = { createRestore: { job: { id: string } } | null };

export type PauseOneMutationVariables = Exact<{
  id: string;
}>;


export type PauseOneMutation = { pauseJobs: { changedCount: number } | null };

export type AddPersonMutationVariables = Exact<{
  input: CreateUserInput;
}>;


export type AddPersonMutation = { createUser: { user: { name: string } } | null };

export type SeenQueryVariables = Exact<{
  id: string;
}>;


export type SeenQuery = { jobs: { totalCount: number | null, nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    > } | null, job:
    | { id: string, availableCommands: Array<JobCommand> }
    | { id: string, availableCommands: Array<JobCommand> }
    | { id: string, availableCommands: Array<JobCommand> }
    | { id: string, availableCommands: Array<JobCommand> }
    | { id: string, availableCommands: Array<JobCommand> }
    | { id: string, availableCommands: Array<JobCommand> }
   | null, node:
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null, jobEvents: { nodes: Array<{ jobId: string, job:
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
       | null }> } | null };

export type PauseAsUserMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type PauseAsUserMutation = { pauseJobs: { changedCount: number, selectedCount: number, changed: Array<{ jobId: string }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string, job:
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
       | null }> } | null };

export type AddDatabaseByUrlMutationVariables = Exact<{
  name: string;
  url?: string | null | undefined;
}>;


export type AddDatabaseByUrlMutation = { createDatabase: { database: { id: string, name: string, url: string, error: string | null, tables: Array<{ name: string, rowCount: number | null, columns: Array<{ name: string, type: string, nullable: boolean, primaryKey: boolean, default: string | null }>, indexes: Array<{ name: string, columns: Array<string>, unique: boolean }> }> | null } } | null };

export type DatabaseNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type DatabaseNamesQuery = { databases: Array<{ name: string, error: string | null }> | null };

export type ListFilesQueryVariables = Exact<{
  prefix?: string | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type ListFilesQuery = { files: { edges: Array<{ cursor: string }>, nodes: Array<{ path: string, size: number, modifiedAt: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, endCursor: string | null } } | null };

export type DeleteFileMutationVariables = Exact<{
  path: string;
}>;


export type DeleteFileMutation = { deleteFile: { path: string } | null };

export type ShopForFilesMutationVariables = Exact<{ [key: string]: never; }>;


export type ShopForFilesMutation = { createDatabase: { database: { name: string } } | null };

export type FilteredQueryVariables = Exact<{
  where?: JobFilter | null | undefined;
  orderBy?: JobOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type FilteredQuery = { jobs: { totalCount: number | null, nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    >, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type CountsQueryVariables = Exact<{
  where?: JobFilter | null | undefined;
}>;


export type CountsQuery = { jobCounts: Array<{ type: JobType, status: JobStatus, count: number }> | null };

export type FilteredEventsQueryVariables = Exact<{
  where?: JobEventFilter | null | undefined;
}>;


export type FilteredEventsQuery = { jobEvents: { nodes: Array<{ cursor: string }> } | null };

export type FilteredChangesSubscriptionVariables = Exact<{
  where?: JobEventFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type FilteredChangesSubscription = { jobStatusChanged: { cursor: string, to: JobStatus } };

export type LogQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type LogQuery = { jobEvents: { nodes: Array<{ cursor: string, jobId: string, from: JobStatus | null, to: JobStatus, command: JobCommand | null, reason: string | null, error: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type PauseAllMutationVariables = Exact<{
  ids: Array<string> | string;
  reason?: string | null | undefined;
}>;


export type PauseAllMutation = { pauseJobs: { changedCount: number, cursor: string } | null };

export type ResumeAllMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ResumeAllMutation = { resumeJobs: { changedCount: number } | null };

export type CancelAllMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type CancelAllMutation = { cancelJobs: { changedCount: number } | null };

export type AddUserMutationVariables = Exact<{
  name: string;
  privileges: Array<Privilege> | Privilege;
}>;


export type AddUserMutation = { createUser: { user: { name: string } } | null };

export type OwnersQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnersQuery = { jobs: { nodes: Array<
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
      | { id: string, userName: string }
    > } | null };

export type PageQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type PageQuery = { jobs: { cursor: string, edges: Array<{ cursor: string, node:
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
       }>, nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    >, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type CountQueryVariables = Exact<{ [key: string]: never; }>;


export type CountQuery = { jobs: { totalCount: number | null, nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    >, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null };

export type EventsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type EventsQuery = { jobEvents: { edges: Array<{ cursor: string, node: { cursor: string, jobId: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type EventsOfQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type EventsOfQuery = { job:
    | { events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, jobId: string, at: string, actor: { kind: ActorKind, name: string }, job:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null }
    | { events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, jobId: string, at: string, actor: { kind: ActorKind, name: string }, job:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null }
    | { events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, jobId: string, at: string, actor: { kind: ActorKind, name: string }, job:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null }
    | { events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, jobId: string, at: string, actor: { kind: ActorKind, name: string }, job:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null }
    | { events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, jobId: string, at: string, actor: { kind: ActorKind, name: string }, job:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null }
    | { events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, cursor: string, jobId: string, at: string, actor: { kind: ActorKind, name: string }, job:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean } } | null }
   | null };

export type JobQueryVariables = Exact<{
  id: string;
}>;


export type JobQuery = { job:
    | { __typename: 'BackupJob', id: string, type: JobType, typeName: string, status: JobStatus, attempts: number, estimatedFinishAt: string | null, modifiedAt: string, fractionCompleted: number | null, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { __typename: 'ChangefeedJob', id: string, type: JobType, typeName: string, status: JobStatus, attempts: number, estimatedFinishAt: string | null, modifiedAt: string, fractionCompleted: number | null, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { __typename: 'CustomJob', id: string, type: JobType, typeName: string, status: JobStatus, attempts: number, estimatedFinishAt: string | null, modifiedAt: string, fractionCompleted: number | null, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { __typename: 'ImportJob', id: string, type: JobType, typeName: string, status: JobStatus, attempts: number, estimatedFinishAt: string | null, modifiedAt: string, fractionCompleted: number | null, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { __typename: 'RestoreJob', id: string, type: JobType, typeName: string, status: JobStatus, attempts: number, estimatedFinishAt: string | null, modifiedAt: string, fractionCompleted: number | null, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
    | { __typename: 'SchemaChangeJob', id: string, type: JobType, typeName: string, status: JobStatus, attempts: number, estimatedFinishAt: string | null, modifiedAt: string, fractionCompleted: number | null, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, blockedBy: Array<
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
      > | null }
   | null };

export type NodeQueryVariables = Exact<{
  id: string;
}>;


export type NodeQuery = { node:
    | { __typename: 'BackupJob', id: string }
    | { __typename: 'ChangefeedJob', id: string }
    | { __typename: 'CustomJob', id: string }
    | { __typename: 'Database', id: string }
    | { __typename: 'ImportJob', id: string }
    | { __typename: 'RestoreJob', id: string }
    | { __typename: 'Schedule', id: string }
    | { __typename: 'SchemaChangeJob', id: string }
    | { __typename: 'User', id: string }
   | null };

export type AddDatabaseMutationVariables = Exact<{
  name: string;
}>;


export type AddDatabaseMutation = { createDatabase: { database: { id: string, name: string, error: string | null } } | null };

export type HeardOfRowsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type HeardOfRowsSubscription = { jobStatusChanged: { jobId: string, to: JobStatus, reason: string | null, error: string | null, job:
      | { error: string | null, rowError: string | null, statusMessage: string | null, pauseReason: string | null, warnings: Array<string>, executionErrors: Array<{ message: string }> | null }
      | { error: string | null, rowError: string | null, statusMessage: string | null, pauseReason: string | null, warnings: Array<string>, executionErrors: Array<{ message: string }> | null }
      | { error: string | null, rowError: string | null, statusMessage: string | null, pauseReason: string | null, warnings: Array<string>, executionErrors: Array<{ message: string }> | null }
      | { error: string | null, rowError: string | null, statusMessage: string | null, pauseReason: string | null, warnings: Array<string>, rejects: { nodes: Array<{ line: number, column: string | null, reason: string }> } | null, executionErrors: Array<{ message: string }> | null }
      | { error: string | null, rowError: string | null, statusMessage: string | null, pauseReason: string | null, warnings: Array<string>, executionErrors: Array<{ message: string }> | null }
      | { error: string | null, rowError: string | null, statusMessage: string | null, pauseReason: string | null, warnings: Array<string>, executionErrors: Array<{ message: string }> | null }
     | null } };

export type LogOfRowsQueryVariables = Exact<{ [key: string]: never; }>;


export type LogOfRowsQuery = { jobEvents: { nodes: Array<{ reason: string | null, error: string | null }> } | null };

export type FoundByErrorQueryVariables = Exact<{
  text: string;
}>;


export type FoundByErrorQuery = { jobs: { nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    > } | null };

export type FailedOverRowQueryVariables = Exact<{
  id: string;
}>;


export type FailedOverRowQuery = { job:
    | { status: JobStatus, error: string | null, rowError: string | null }
    | { status: JobStatus, error: string | null, rowError: string | null }
    | { status: JobStatus, error: string | null, rowError: string | null }
    | { status: JobStatus, error: string | null, rowError: string | null }
    | { status: JobStatus, error: string | null, rowError: string | null }
    | { status: JobStatus, error: string | null, rowError: string | null }
   | null };

export type AddAnyUserMutationVariables = Exact<{
  input: CreateUserInput;
}>;


export type AddAnyUserMutation = { createUser: { user: { id: string, name: string, isAdmin: boolean, privileges: Array<Privilege>, createdAt: string } } | null };

export type UpdateAnyUserMutationVariables = Exact<{
  input: UpdateUserInput;
}>;


export type UpdateAnyUserMutation = { updateUser: { user: { id: string, name: string, isAdmin: boolean, privileges: Array<Privilege>, createdAt: string } } | null };

export type UsersQueryVariables = Exact<{ [key: string]: never; }>;


export type UsersQuery = { users: Array<{ name: string, isAdmin: boolean, privileges: Array<Privilege> }> | null };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { name: string, isAdmin: boolean, privileges: Array<Privilege> } };

export type DatabasesQueryVariables = Exact<{ [key: string]: never; }>;


export type DatabasesQuery = { databases: Array<{ name: string }> | null };

export type DatabaseQueryVariables = Exact<{
  name: string;
}>;


export type DatabaseQuery = { database: { name: string, tables: Array<{ name: string }> | null } | null };

export type AddADatabaseMutationVariables = Exact<{
  name: string;
}>;


export type AddADatabaseMutation = { createDatabase: { database: { name: string } } | null };

export type WhoQueryVariables = Exact<{
  id: string;
}>;


export type WhoQuery = { node:
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null };

export type CreateBackedUpMutationVariables = Exact<{
  name: string;
}>;


export type CreateBackedUpMutation = { createDatabase: { database: { name: string } } | null };

export type BackUpMutationVariables = Exact<{
  input: CreateBackupInput;
}>;


export type BackUpMutation = { createBackup: { job: { id: string, description: string, destination: string } } | null };

export type RestoreMutationVariables = Exact<{
  input: CreateRestoreInput;
}>;


export type RestoreMutation = { createRestore: { job: { id: string, description: string, source: string, tables: Array<string> } } | null };

export type ShowBackupQueryVariables = Exact<{
  url: string;
}>;


export type ShowBackupQuery = { backup: { url: string, database: string, complete: boolean, incrementalFrom: string | null, tables: Array<{ name: string, rows: number | null }> } | null };

export type ListCloudBackupsQueryVariables = Exact<{
  url: string;
}>;


export type ListCloudBackupsQuery = { backups: { nodes: Array<{ url: string, database: string, complete: boolean }> } | null };

export type CreateForBackupMutationVariables = Exact<{
  name: string;
}>;


export type CreateForBackupMutation = { createDatabase: { database: { name: string } } | null };

export type BackUpHereMutationVariables = Exact<{
  input: CreateBackupInput;
}>;


export type BackUpHereMutation = { createBackup: { created: boolean, job: { id: string, type: JobType, typeName: string, description: string, database: string, tables: Array<string>, destination: string, bytesWritten: number } } | null };

export type RestoreHereMutationVariables = Exact<{
  input: CreateRestoreInput;
}>;


export type RestoreHereMutation = { createRestore: { created: boolean, job: { id: string, type: JobType, typeName: string, description: string, source: string, database: string, tables: Array<string>, rowsRestored: number } } | null };

export type EndedHereQueryVariables = Exact<{
  id: string;
}>;


export type EndedHereQuery = { job:
    | { bytesWritten: number, fractionCompleted: number | null, error: string | null }
    | { fractionCompleted: number | null, error: string | null }
    | { fractionCompleted: number | null, error: string | null }
    | { fractionCompleted: number | null, error: string | null }
    | { rowsRestored: number, fractionCompleted: number | null, error: string | null }
    | { fractionCompleted: number | null, error: string | null }
   | null };

export type ShowBackupHereQueryVariables = Exact<{
  url: string;
}>;


export type ShowBackupHereQuery = { backup: { url: string, database: string, createdAt: string, complete: boolean, incrementalFrom: string | null, sizeBytes: number, storedBytes: number, tables: Array<{ name: string, rows: number | null }> } | null };

export type NamesHereQueryVariables = Exact<{ [key: string]: never; }>;


export type NamesHereQuery = { databases: Array<{ name: string }> | null };

export type ListBackupsQueryVariables = Exact<{
  url: string;
  first?: number;
  after?: string | null | undefined;
}>;


export type ListBackupsQuery = { backups: { edges: Array<{ cursor: string, node: { url: string } }>, nodes: Array<{ url: string, database: string, createdAt: string, complete: boolean, incrementalFrom: string | null, storedBytes: number, tables: Array<{ name: string }> }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type CreateWatchedMutationVariables = Exact<{ [key: string]: never; }>;


export type CreateWatchedMutation = { createDatabase: { database: { name: string } } | null };

export type CreateFeedMutationVariables = Exact<{
  input: CreateChangefeedInput;
}>;


export type CreateFeedMutation = { createChangefeed: { created: boolean, webhookSecret: string | null, job: { id: string, description: string, tables: Array<string>, sink: string | null, database: string } } | null };

export type FeedJobQueryVariables = Exact<{
  id: string;
}>;


export type FeedJobQuery = { job:
    | { status: JobStatus, statusMessage: string | null, error: string | null, fractionCompleted: number | null, counters: Array<{ name: string, value: number }> }
    | { highWater: string | null, messagesEmitted: number, status: JobStatus, statusMessage: string | null, error: string | null, fractionCompleted: number | null, counters: Array<{ name: string, value: number }> }
    | { status: JobStatus, statusMessage: string | null, error: string | null, fractionCompleted: number | null, counters: Array<{ name: string, value: number }> }
    | { status: JobStatus, statusMessage: string | null, error: string | null, fractionCompleted: number | null, counters: Array<{ name: string, value: number }> }
    | { status: JobStatus, statusMessage: string | null, error: string | null, fractionCompleted: number | null, counters: Array<{ name: string, value: number }> }
    | { status: JobStatus, statusMessage: string | null, error: string | null, fractionCompleted: number | null, counters: Array<{ name: string, value: number }> }
   | null };

export type ReadFeedSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type ReadFeedSubscription = { changefeed:
    | { __typename: 'ChangefeedResolved', cursor: string, resolved: string }
    | { __typename: 'ChangefeedRow', cursor: string, table: string, key: unknown, after: unknown, before: unknown, deleted: boolean, updated: string | null }
   };

export type AlterWatchedMutationVariables = Exact<{
  input: CreateSchemaChangeInput;
}>;


export type AlterWatchedMutation = { createSchemaChange: { job: { id: string } } | null };

export type CreateShopMutationVariables = Exact<{ [key: string]: never; }>;


export type CreateShopMutation = { createDatabase: { database: { name: string } } | null };

export type ImportGoodsMutationVariables = Exact<{
  input: CreateImportInput;
}>;


export type ImportGoodsMutation = { createImport: { job: { id: string, description: string } } | null };

export type RejectsQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type RejectsQuery = { job:
    | { error: string | null }
    | { error: string | null }
    | { error: string | null }
    | { rowsImported: number, rowsRejected: number, error: string | null, rejects: { edges: Array<{ cursor: string }>, nodes: Array<{ source: string, line: number, column: string | null, reason: string, text: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null }
    | { error: string | null }
    | { error: string | null }
   | null };

export type ConflictCountsQueryVariables = Exact<{
  id: string;
}>;


export type ConflictCountsQuery = { job:
    | { description: string }
    | { description: string }
    | { description: string }
    | { rowsImported: number, rowsSkipped: number, rowsReplaced: number, rowsUpdated: number, rowsRejected: number, description: string }
    | { description: string }
    | { description: string }
   | null };

export type ValidationInputQueryVariables = Exact<{
  id: string;
}>;


export type ValidationInputQuery = { job:
    | { description: string, inputJson: unknown }
    | { description: string, inputJson: unknown }
    | { description: string, inputJson: unknown }
    | { description: string, inputJson: unknown }
    | { description: string, inputJson: unknown }
    | { description: string, inputJson: unknown }
   | null };

export type CreateBasketMutationVariables = Exact<{ [key: string]: never; }>;


export type CreateBasketMutation = { createDatabase: { database: { name: string } } | null };

export type ImportFruitMutationVariables = Exact<{
  input: CreateImportInput;
}>;


export type ImportFruitMutation = { createImport: { job: { id: string } } | null };

export type RejectsUrlQueryVariables = Exact<{
  id: string;
}>;


export type RejectsUrlQuery = { job:
    | { rejectsUrl: string | null, rejects: { nodes: Array<{ line: number }> } | null }
    | Record<PropertyKey, never>
   | null };

export type DeleteFruitMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type DeleteFruitMutation = { deleteJobs: { deletedCount: number } | null };

export type PreviewQueryVariables = Exact<{
  input: ImportPreviewInput;
}>;


export type PreviewQuery = { importPreview: { format: ImportFormat, compression: Compression, encoding: string, delimiter: string | null, quote: string | null, escape: string | null, header: boolean | null, skip: number | null, fieldNames: Array<string>, rows: Array<Array<unknown>>, columns: Array<{ name: string, type: string, nullable: boolean }>, problems: Array<{ source: string, line: number, lastLine: number, column: string | null, reason: string, text: string }> } | null };

export type ImportPreviewedMutationVariables = Exact<{
  input: CreateImportInput;
}>;


export type ImportPreviewedMutation = { createImport: { job: { id: string, rowsImported: number } } | null };

export type CreateStockMutationVariables = Exact<{ [key: string]: never; }>;


export type CreateStockMutation = { createDatabase: { database: { name: string } } | null };

export type ChangeStockMutationVariables = Exact<{
  input: CreateSchemaChangeInput;
}>;


export type ChangeStockMutation = { createSchemaChange: { created: boolean, job: { id: string, type: JobType, typeName: string, description: string, database: string, tables: Array<string>, rowsBackfilled: number, availableCommands: Array<JobCommand> } } | null };

export type ChangedStockQueryVariables = Exact<{
  id: string;
}>;


export type ChangedStockQuery = { job:
    | { status: JobStatus, error: string | null, fractionCompleted: number | null, statusMessage: string | null }
    | { status: JobStatus, error: string | null, fractionCompleted: number | null, statusMessage: string | null }
    | { status: JobStatus, error: string | null, fractionCompleted: number | null, statusMessage: string | null }
    | { status: JobStatus, error: string | null, fractionCompleted: number | null, statusMessage: string | null }
    | { status: JobStatus, error: string | null, fractionCompleted: number | null, statusMessage: string | null }
    | { tables: Array<string>, rowsBackfilled: number, status: JobStatus, error: string | null, fractionCompleted: number | null, statusMessage: string | null }
   | null };

export type PauseSomeMutationVariables = Exact<{
  jobs: JobSelector;
  onRefusal: RefusalPolicy;
  dryRun: boolean;
}>;


export type PauseSomeMutation = { pauseJobs: { applied: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type SchemaChangesQueryVariables = Exact<{ [key: string]: never; }>;


export type SchemaChangesQuery = { jobs: { nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    > } | null };

export type HoldChangeMutationVariables = Exact<{
  hold: boolean;
}>;


export type HoldChangeMutation = { createSchemaChange: { job: { id: string } } | null };

export type HeldChangeQueryVariables = Exact<{
  id: string;
}>;


export type HeldChangeQuery = { job:
    | { status: JobStatus, statusMessage: string | null, pauseReason: string | null, availableCommands: Array<JobCommand> }
    | { status: JobStatus, statusMessage: string | null, pauseReason: string | null, availableCommands: Array<JobCommand> }
    | { status: JobStatus, statusMessage: string | null, pauseReason: string | null, availableCommands: Array<JobCommand> }
    | { status: JobStatus, statusMessage: string | null, pauseReason: string | null, availableCommands: Array<JobCommand> }
    | { status: JobStatus, statusMessage: string | null, pauseReason: string | null, availableCommands: Array<JobCommand> }
    | { status: JobStatus, statusMessage: string | null, pauseReason: string | null, availableCommands: Array<JobCommand> }
   | null };

export type CommandHeldMutationVariables = Exact<{
  jobs: JobSelector;
  dryRun: boolean;
}>;


export type CommandHeldMutation = { pauseJobs: { changedCount: number, unchangedCount: number, refusedCount: number } | null };

export type ExecuteMutationVariables = Exact<{
  sql: string;
  parameters?: Array<unknown> | unknown | null | undefined;
  maxRows?: number;
}>;


export type ExecuteMutation = { execute: { tag: string, rows: Array<Array<unknown>>, truncated: boolean, columns: Array<{ name: string, type: string }>, notices: Array<{ severity: string, message: string, sqlState: string }>, jobs: Array<
      | { id: string, typeName: string }
      | { id: string, typeName: string }
      | { id: string, typeName: string }
      | { id: string, typeName: string }
      | { id: string, typeName: string }
      | { id: string, typeName: string }
    > } | null };

export type IdsOfQueryVariables = Exact<{
  where?: JobFilter | null | undefined;
}>;


export type IdsOfQuery = { jobs: { nodes: Array<
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
      | { id: string }
    > } | null };

export type ChangesSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type ChangesSubscription = { jobStatusChanged: { cursor: string, jobId: string, from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, actor: { kind: ActorKind, name: string } } };

export type PauseMutationVariables = Exact<{
  ids: Array<string> | string;
  reason?: string | null | undefined;
  onRefusal?: RefusalPolicy;
}>;


export type PauseMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type ResumeMutationVariables = Exact<{
  ids: Array<string> | string;
  reason?: string | null | undefined;
  onRefusal?: RefusalPolicy;
}>;


export type ResumeMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type CancelMutationVariables = Exact<{
  ids: Array<string> | string;
  reason?: string | null | undefined;
  onRefusal?: RefusalPolicy;
}>;


export type CancelMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

type Outcome_CancelJobsPayload_Fragment = { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> };

type Outcome_PauseJobsPayload_Fragment = { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> };

type Outcome_ResumeJobsPayload_Fragment = { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> };

export type OutcomeFragment =
  | Outcome_CancelJobsPayload_Fragment
  | Outcome_PauseJobsPayload_Fragment
  | Outcome_ResumeJobsPayload_Fragment
;

export type JobNowQueryVariables = Exact<{
  id: string;
}>;


export type JobNowQuery = { job:
    | { id: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, counters: Array<{ name: string, value: number }>, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, cursor: string, actor: { kind: ActorKind, name: string } }> } | null }
    | { id: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, counters: Array<{ name: string, value: number }>, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, cursor: string, actor: { kind: ActorKind, name: string } }> } | null }
    | { id: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, counters: Array<{ name: string, value: number }>, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, cursor: string, actor: { kind: ActorKind, name: string } }> } | null }
    | { id: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, counters: Array<{ name: string, value: number }>, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, cursor: string, actor: { kind: ActorKind, name: string } }> } | null }
    | { id: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, counters: Array<{ name: string, value: number }>, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, cursor: string, actor: { kind: ActorKind, name: string } }> } | null }
    | { id: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, counters: Array<{ name: string, value: number }>, executionErrors: Array<{ at: string, attempt: number, message: string }> | null, events: { nodes: Array<{ from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, cursor: string, actor: { kind: ActorKind, name: string } }> } | null }
   | null };

export type CreateUserMutationVariables = Exact<{
  input: CreateUserInput;
}>;


export type CreateUserMutation = { createUser: { user: { name: string } } | null };

export type SetPrivilegesMutationVariables = Exact<{
  name: string;
  privileges: Array<Privilege> | Privilege;
}>;


export type SetPrivilegesMutation = { updateUser: { user: { privileges: Array<Privilege> } } | null };

export type ReadChangesSubscriptionVariables = Exact<{
  id: string;
}>;


export type ReadChangesSubscription = { changefeed:
    | { __typename: 'ChangefeedResolved' }
    | { __typename: 'ChangefeedRow' }
   };

export const OutcomeFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<OutcomeFragment, unknown>;
export const PauseSelectedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseSelected"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JobSelector"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RefusalPolicy"}}},"defaultValue":{"kind":"EnumValue","value":"SKIP"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}},"defaultValue":{"kind":"BooleanValue","value":false}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"expectedCount"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"unchangedSince"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"outcome"},"name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}}},{"kind":"Argument","name":{"kind":"Name","value":"onRefusal"},"value":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}}},{"kind":"Argument","name":{"kind":"Name","value":"dryRun"},"value":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}}},{"kind":"Argument","name":{"kind":"Name","value":"expectedCount"},"value":{"kind":"Variable","name":{"kind":"Name","value":"expectedCount"}}},{"kind":"Argument","name":{"kind":"Name","value":"unchangedSince"},"value":{"kind":"Variable","name":{"kind":"Name","value":"unchangedSince"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Outcome"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<PauseSelectedMutation, PauseSelectedMutationVariables>;
export const ResumeSelectedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ResumeSelected"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JobSelector"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}},"defaultValue":{"kind":"BooleanValue","value":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"outcome"},"name":{"kind":"Name","value":"resumeJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}}},{"kind":"Argument","name":{"kind":"Name","value":"dryRun"},"value":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Outcome"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<ResumeSelectedMutation, ResumeSelectedMutationVariables>;
export const CancelSelectedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelSelected"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JobSelector"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}},"defaultValue":{"kind":"BooleanValue","value":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"outcome"},"name":{"kind":"Name","value":"cancelJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}}},{"kind":"Argument","name":{"kind":"Name","value":"dryRun"},"value":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Outcome"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<CancelSelectedMutation, CancelSelectedMutationVariables>;
export const LogAndJobsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LogAndJobs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"modifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"pauseReason"}}]}}]}}]}}]} as unknown as DocumentNode<LogAndJobsQuery, LogAndJobsQueryVariables>;
export const GrantDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Grant"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"allDatabases"}},{"kind":"Field","name":{"kind":"Name","value":"databases"}},{"kind":"Field","name":{"kind":"Name","value":"allFiles"}},{"kind":"Field","name":{"kind":"Name","value":"filesFolder"}}]}}]}}]}}]} as unknown as DocumentNode<GrantMutation, GrantMutationVariables>;
export const SeenDatabasesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SeenDatabases"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"databases"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"database"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<SeenDatabasesQuery, SeenDatabasesQueryVariables>;
export const WaitingDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Waiting"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusMessage"}},{"kind":"Field","name":{"kind":"Name","value":"blockedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<WaitingQuery, WaitingQueryVariables>;
export const PauseFirstDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseFirst"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"id"}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}}]}}]}}]} as unknown as DocumentNode<PauseFirstMutation, PauseFirstMutationVariables>;
export const CancelFirstDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelFirst"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"id"}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}}]}}]}}]} as unknown as DocumentNode<CancelFirstMutation, CancelFirstMutationVariables>;
export const ListedNamesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ListedNames"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"databases"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<ListedNamesQuery, ListedNamesQueryVariables>;
export const CreateOfNameDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateOfName"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateOfNameMutation, CreateOfNameMutationVariables>;
export const JobsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Jobs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"userName"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}}]}}]}}]}}]} as unknown as DocumentNode<JobsQuery, JobsQueryVariables>;
export const WholeLogDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"WholeLog"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobStatusChange"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}}]}}]}}]}}]} as unknown as DocumentNode<WholeLogQuery, WholeLogQueryVariables>;
export const BackUpFaultyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"BackUpFaulty"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateBackupInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createBackup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<BackUpFaultyMutation, BackUpFaultyMutationVariables>;
export const RestoreFaultyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RestoreFaulty"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRestoreInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRestore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<RestoreFaultyMutation, RestoreFaultyMutationVariables>;
export const PauseOneDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseOne"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"id"}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}}]}}]}}]} as unknown as DocumentNode<PauseOneMutation, PauseOneMutationVariables>;
export const AddPersonDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddPerson"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<AddPersonMutation, AddPersonMutationVariables>;
export const SeenDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Seen"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"availableCommands"}}]}},{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SeenQuery, SeenQueryVariables>;
export const PauseAsUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseAsUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}}]} as unknown as DocumentNode<PauseAsUserMutation, PauseAsUserMutationVariables>;
export const AddDatabaseByUrlDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddDatabaseByUrl"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"url"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"url"},"value":{"kind":"Variable","name":{"kind":"Name","value":"url"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"tables"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"rowCount"}},{"kind":"Field","name":{"kind":"Name","value":"columns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"nullable"}},{"kind":"Field","name":{"kind":"Name","value":"primaryKey"}},{"kind":"Field","name":{"kind":"Name","value":"default"}}]}},{"kind":"Field","name":{"kind":"Name","value":"indexes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"columns"}},{"kind":"Field","name":{"kind":"Name","value":"unique"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<AddDatabaseByUrlMutation, AddDatabaseByUrlMutationVariables>;
export const DatabaseNamesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"DatabaseNames"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"databases"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]} as unknown as DocumentNode<DatabaseNamesQuery, DatabaseNamesQueryVariables>;
export const ListFilesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ListFiles"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"prefix"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},"defaultValue":{"kind":"IntValue","value":"100"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"files"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"prefix"},"value":{"kind":"Variable","name":{"kind":"Name","value":"prefix"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"modifiedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<ListFilesQuery, ListFilesQueryVariables>;
export const DeleteFileDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteFile"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"path"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteFile"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"path"},"value":{"kind":"Variable","name":{"kind":"Name","value":"path"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}}]}}]}}]} as unknown as DocumentNode<DeleteFileMutation, DeleteFileMutationVariables>;
export const ShopForFilesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ShopForFiles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"StringValue","value":"shop","block":false}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<ShopForFilesMutation, ShopForFilesMutationVariables>;
export const FilteredDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Filtered"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"JobFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"JobOrder"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<FilteredQuery, FilteredQueryVariables>;
export const CountsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Counts"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"JobFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobCounts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}}]} as unknown as DocumentNode<CountsQuery, CountsQueryVariables>;
export const FilteredEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FilteredEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"JobEventFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]}}]}}]} as unknown as DocumentNode<FilteredEventsQuery, FilteredEventsQueryVariables>;
export const FilteredChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FilteredChanges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"JobEventFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobStatusChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}}]}}]} as unknown as DocumentNode<FilteredChangesSubscription, FilteredChangesSubscriptionVariables>;
export const LogDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Log"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"250"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobStatusChange"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}},{"kind":"Field","name":{"kind":"Name","value":"command"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<LogQuery, LogQueryVariables>;
export const PauseAllDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseAll"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"reason"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"reason"},"value":{"kind":"Variable","name":{"kind":"Name","value":"reason"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]}}]} as unknown as DocumentNode<PauseAllMutation, PauseAllMutationVariables>;
export const ResumeAllDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ResumeAll"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"resumeJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}}]}}]}}]} as unknown as DocumentNode<ResumeAllMutation, ResumeAllMutationVariables>;
export const CancelAllDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelAll"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}}]}}]}}]} as unknown as DocumentNode<CancelAllMutation, CancelAllMutationVariables>;
export const AddUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"privileges"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Privilege"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"privileges"},"value":{"kind":"Variable","name":{"kind":"Name","value":"privileges"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<AddUserMutation, AddUserMutationVariables>;
export const OwnersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Owners"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"userName"}}]}}]}}]}}]} as unknown as DocumentNode<OwnersQuery, OwnersQueryVariables>;
export const PageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Page"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]}}]} as unknown as DocumentNode<PageQuery, PageQueryVariables>;
export const CountDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Count"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"0"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}}]}}]}}]}}]} as unknown as DocumentNode<CountQuery, CountQueryVariables>;
export const EventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Events"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"jobId"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<EventsQuery, EventsQueryVariables>;
export const EventsOfDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"EventsOf"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"actor"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobStatusChange"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}}]}}]}}]}}]}}]} as unknown as DocumentNode<EventsOfQuery, EventsOfQueryVariables>;
export const JobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Job"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"typeName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}},{"kind":"Field","name":{"kind":"Name","value":"estimatedFinishAt"}},{"kind":"Field","name":{"kind":"Name","value":"modifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"fractionCompleted"}},{"kind":"Field","name":{"kind":"Name","value":"executionErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blockedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<JobQuery, JobQueryVariables>;
export const NodeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Node"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<NodeQuery, NodeQueryVariables>;
export const AddDatabaseDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddDatabase"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]} as unknown as DocumentNode<AddDatabaseMutation, AddDatabaseMutationVariables>;
export const HeardOfRowsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"HeardOfRows"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobStatusChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"to"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"rowError"}},{"kind":"Field","name":{"kind":"Name","value":"statusMessage"}},{"kind":"Field","name":{"kind":"Name","value":"pauseReason"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"}},{"kind":"Field","name":{"kind":"Name","value":"executionErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ImportJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rejects"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"line"}},{"kind":"Field","name":{"kind":"Name","value":"column"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<HeardOfRowsSubscription, HeardOfRowsSubscriptionVariables>;
export const LogOfRowsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LogOfRows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobStatusChange"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]}}]} as unknown as DocumentNode<LogOfRowsQuery, LogOfRowsQueryVariables>;
export const FoundByErrorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FoundByError"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"text"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"error"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"contains"},"value":{"kind":"Variable","name":{"kind":"Name","value":"text"}}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<FoundByErrorQuery, FoundByErrorQueryVariables>;
export const FailedOverRowDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FailedOverRow"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"rowError"}}]}}]}}]} as unknown as DocumentNode<FailedOverRowQuery, FailedOverRowQueryVariables>;
export const AddAnyUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddAnyUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"privileges"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}}]}}]} as unknown as DocumentNode<AddAnyUserMutation, AddAnyUserMutationVariables>;
export const UpdateAnyUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateAnyUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"privileges"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}}]}}]} as unknown as DocumentNode<UpdateAnyUserMutation, UpdateAnyUserMutationVariables>;
export const UsersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Users"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"users"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"privileges"}}]}}]}}]} as unknown as DocumentNode<UsersQuery, UsersQueryVariables>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"privileges"}}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;
export const DatabasesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Databases"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"databases"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<DatabasesQuery, DatabasesQueryVariables>;
export const DatabaseDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Database"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"tables"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<DatabaseQuery, DatabaseQueryVariables>;
export const AddADatabaseDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddADatabase"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<AddADatabaseMutation, AddADatabaseMutationVariables>;
export const WhoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Who"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<WhoQuery, WhoQueryVariables>;
export const CreateBackedUpDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateBackedUp"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateBackedUpMutation, CreateBackedUpMutationVariables>;
export const BackUpDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"BackUp"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateBackupInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createBackup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"destination"}}]}}]}}]}}]} as unknown as DocumentNode<BackUpMutation, BackUpMutationVariables>;
export const RestoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Restore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRestoreInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRestore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"tables"}}]}}]}}]}}]} as unknown as DocumentNode<RestoreMutation, RestoreMutationVariables>;
export const ShowBackupDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ShowBackup"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"url"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"backup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"url"},"value":{"kind":"Variable","name":{"kind":"Name","value":"url"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"complete"}},{"kind":"Field","name":{"kind":"Name","value":"incrementalFrom"}},{"kind":"Field","name":{"kind":"Name","value":"tables"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"rows"}}]}}]}}]}}]} as unknown as DocumentNode<ShowBackupQuery, ShowBackupQueryVariables>;
export const ListCloudBackupsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ListCloudBackups"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"url"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"backups"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"url"},"value":{"kind":"Variable","name":{"kind":"Name","value":"url"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"complete"}}]}}]}}]}}]} as unknown as DocumentNode<ListCloudBackupsQuery, ListCloudBackupsQueryVariables>;
export const CreateForBackupDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateForBackup"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateForBackupMutation, CreateForBackupMutationVariables>;
export const BackUpHereDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"BackUpHere"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateBackupInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createBackup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"typeName"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"tables"}},{"kind":"Field","name":{"kind":"Name","value":"destination"}},{"kind":"Field","name":{"kind":"Name","value":"bytesWritten"}}]}}]}}]}}]} as unknown as DocumentNode<BackUpHereMutation, BackUpHereMutationVariables>;
export const RestoreHereDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RestoreHere"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRestoreInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRestore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"typeName"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"tables"}},{"kind":"Field","name":{"kind":"Name","value":"rowsRestored"}}]}}]}}]}}]} as unknown as DocumentNode<RestoreHereMutation, RestoreHereMutationVariables>;
export const EndedHereDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"EndedHere"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fractionCompleted"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BackupJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bytesWritten"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rowsRestored"}}]}}]}}]}}]} as unknown as DocumentNode<EndedHereQuery, EndedHereQueryVariables>;
export const ShowBackupHereDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ShowBackupHere"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"url"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"backup"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"url"},"value":{"kind":"Variable","name":{"kind":"Name","value":"url"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"complete"}},{"kind":"Field","name":{"kind":"Name","value":"incrementalFrom"}},{"kind":"Field","name":{"kind":"Name","value":"sizeBytes"}},{"kind":"Field","name":{"kind":"Name","value":"storedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"tables"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"rows"}}]}}]}}]}}]} as unknown as DocumentNode<ShowBackupHereQuery, ShowBackupHereQueryVariables>;
export const NamesHereDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"NamesHere"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"databases"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<NamesHereQuery, NamesHereQueryVariables>;
export const ListBackupsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ListBackups"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"url"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},"defaultValue":{"kind":"IntValue","value":"50"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"backups"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"url"},"value":{"kind":"Variable","name":{"kind":"Name","value":"url"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"complete"}},{"kind":"Field","name":{"kind":"Name","value":"incrementalFrom"}},{"kind":"Field","name":{"kind":"Name","value":"storedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"tables"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<ListBackupsQuery, ListBackupsQueryVariables>;
export const CreateWatchedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateWatched"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"StringValue","value":"watched","block":false}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateWatchedMutation, CreateWatchedMutationVariables>;
export const CreateFeedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateFeed"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateChangefeedInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createChangefeed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"webhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"tables"}},{"kind":"Field","name":{"kind":"Name","value":"sink"}},{"kind":"Field","name":{"kind":"Name","value":"database"}}]}}]}}]}}]} as unknown as DocumentNode<CreateFeedMutation, CreateFeedMutationVariables>;
export const FeedJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FeedJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusMessage"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"fractionCompleted"}},{"kind":"Field","name":{"kind":"Name","value":"counters"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ChangefeedJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"highWater"}},{"kind":"Field","name":{"kind":"Name","value":"messagesEmitted"}}]}}]}}]}}]} as unknown as DocumentNode<FeedJobQuery, FeedJobQueryVariables>;
export const ReadFeedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ReadFeed"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangefeedCursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changefeed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ChangefeedRow"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"table"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"after"}},{"kind":"Field","name":{"kind":"Name","value":"before"}},{"kind":"Field","name":{"kind":"Name","value":"deleted"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ChangefeedResolved"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"resolved"}}]}}]}}]}}]} as unknown as DocumentNode<ReadFeedSubscription, ReadFeedSubscriptionVariables>;
export const AlterWatchedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AlterWatched"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateSchemaChangeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createSchemaChange"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<AlterWatchedMutation, AlterWatchedMutationVariables>;
export const CreateShopDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateShop"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"StringValue","value":"shop","block":false}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateShopMutation, CreateShopMutationVariables>;
export const ImportGoodsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ImportGoods"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateImportInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createImport"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"description"}}]}}]}}]}}]} as unknown as DocumentNode<ImportGoodsMutation, ImportGoodsMutationVariables>;
export const RejectsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Rejects"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ImportJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rowsImported"}},{"kind":"Field","name":{"kind":"Name","value":"rowsRejected"}},{"kind":"Field","name":{"kind":"Name","value":"rejects"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"line"}},{"kind":"Field","name":{"kind":"Name","value":"column"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<RejectsQuery, RejectsQueryVariables>;
export const ConflictCountsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ConflictCounts"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ImportJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rowsImported"}},{"kind":"Field","name":{"kind":"Name","value":"rowsSkipped"}},{"kind":"Field","name":{"kind":"Name","value":"rowsReplaced"}},{"kind":"Field","name":{"kind":"Name","value":"rowsUpdated"}},{"kind":"Field","name":{"kind":"Name","value":"rowsRejected"}}]}}]}}]}}]} as unknown as DocumentNode<ConflictCountsQuery, ConflictCountsQueryVariables>;
export const ValidationInputDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ValidationInput"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"inputJson"}}]}}]}}]} as unknown as DocumentNode<ValidationInputQuery, ValidationInputQueryVariables>;
export const CreateBasketDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateBasket"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"StringValue","value":"basket","block":false}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateBasketMutation, CreateBasketMutationVariables>;
export const ImportFruitDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ImportFruit"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateImportInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createImport"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<ImportFruitMutation, ImportFruitMutationVariables>;
export const RejectsUrlDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RejectsUrl"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ImportJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rejectsUrl"}},{"kind":"Field","name":{"kind":"Name","value":"rejects"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"line"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<RejectsUrlQuery, RejectsUrlQueryVariables>;
export const DeleteFruitDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteFruit"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedCount"}}]}}]}}]} as unknown as DocumentNode<DeleteFruitMutation, DeleteFruitMutationVariables>;
export const PreviewDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Preview"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ImportPreviewInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"importPreview"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"format"}},{"kind":"Field","name":{"kind":"Name","value":"compression"}},{"kind":"Field","name":{"kind":"Name","value":"encoding"}},{"kind":"Field","name":{"kind":"Name","value":"delimiter"}},{"kind":"Field","name":{"kind":"Name","value":"quote"}},{"kind":"Field","name":{"kind":"Name","value":"escape"}},{"kind":"Field","name":{"kind":"Name","value":"header"}},{"kind":"Field","name":{"kind":"Name","value":"skip"}},{"kind":"Field","name":{"kind":"Name","value":"fieldNames"}},{"kind":"Field","name":{"kind":"Name","value":"columns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"nullable"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rows"}},{"kind":"Field","name":{"kind":"Name","value":"problems"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"line"}},{"kind":"Field","name":{"kind":"Name","value":"lastLine"}},{"kind":"Field","name":{"kind":"Name","value":"column"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}}]}}]}}]} as unknown as DocumentNode<PreviewQuery, PreviewQueryVariables>;
export const ImportPreviewedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ImportPreviewed"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateImportInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createImport"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"rowsImported"}}]}}]}}]}}]} as unknown as DocumentNode<ImportPreviewedMutation, ImportPreviewedMutationVariables>;
export const CreateStockDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateStock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createDatabase"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"StringValue","value":"stock","block":false}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"database"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateStockMutation, CreateStockMutationVariables>;
export const ChangeStockDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ChangeStock"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateSchemaChangeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createSchemaChange"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"typeName"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"database"}},{"kind":"Field","name":{"kind":"Name","value":"tables"}},{"kind":"Field","name":{"kind":"Name","value":"rowsBackfilled"}},{"kind":"Field","name":{"kind":"Name","value":"availableCommands"}}]}}]}}]}}]} as unknown as DocumentNode<ChangeStockMutation, ChangeStockMutationVariables>;
export const ChangedStockDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ChangedStock"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"fractionCompleted"}},{"kind":"Field","name":{"kind":"Name","value":"statusMessage"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SchemaChangeJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tables"}},{"kind":"Field","name":{"kind":"Name","value":"rowsBackfilled"}}]}}]}}]}}]} as unknown as DocumentNode<ChangedStockQuery, ChangedStockQueryVariables>;
export const PauseSomeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseSome"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JobSelector"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RefusalPolicy"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}}},{"kind":"Argument","name":{"kind":"Name","value":"onRefusal"},"value":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}}},{"kind":"Argument","name":{"kind":"Name","value":"dryRun"},"value":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PauseSomeMutation, PauseSomeMutationVariables>;
export const SchemaChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SchemaChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"type"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"equals"},"value":{"kind":"EnumValue","value":"SCHEMA_CHANGE"}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<SchemaChangesQuery, SchemaChangesQueryVariables>;
export const HoldChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"HoldChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"hold"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createSchemaChange"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"database"},"value":{"kind":"StringValue","value":"stock","block":false}},{"kind":"ObjectField","name":{"kind":"Name","value":"changes"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"alterColumn"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"table"},"value":{"kind":"StringValue","value":"goods","block":false}},{"kind":"ObjectField","name":{"kind":"Name","value":"column"},"value":{"kind":"StringValue","value":"price","block":false}},{"kind":"ObjectField","name":{"kind":"Name","value":"nullable"},"value":{"kind":"BooleanValue","value":false}}]}}]}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"holdBeforeCommit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"hold"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<HoldChangeMutation, HoldChangeMutationVariables>;
export const HeldChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"HeldChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusMessage"}},{"kind":"Field","name":{"kind":"Name","value":"pauseReason"}},{"kind":"Field","name":{"kind":"Name","value":"availableCommands"}}]}}]}}]} as unknown as DocumentNode<HeldChangeQuery, HeldChangeQueryVariables>;
export const CommandHeldDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CommandHeld"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JobSelector"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"jobs"}}},{"kind":"Argument","name":{"kind":"Name","value":"dryRun"},"value":{"kind":"Variable","name":{"kind":"Name","value":"dryRun"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}}]}}]}}]} as unknown as DocumentNode<CommandHeldMutation, CommandHeldMutationVariables>;
export const ExecuteDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Execute"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"sql"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"parameters"}},"type":{"kind":"ListType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JSON"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"maxRows"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},"defaultValue":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"execute"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"sql"},"value":{"kind":"Variable","name":{"kind":"Name","value":"sql"}}},{"kind":"Argument","name":{"kind":"Name","value":"parameters"},"value":{"kind":"Variable","name":{"kind":"Name","value":"parameters"}}},{"kind":"Argument","name":{"kind":"Name","value":"maxRows"},"value":{"kind":"Variable","name":{"kind":"Name","value":"maxRows"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tag"}},{"kind":"Field","name":{"kind":"Name","value":"columns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rows"}},{"kind":"Field","name":{"kind":"Name","value":"truncated"}},{"kind":"Field","name":{"kind":"Name","value":"notices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"sqlState"}}]}},{"kind":"Field","name":{"kind":"Name","value":"jobs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"typeName"}}]}}]}}]}}]} as unknown as DocumentNode<ExecuteMutation, ExecuteMutationVariables>;
export const IdsOfDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"IdsOf"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"JobFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<IdsOfQuery, IdsOfQueryVariables>;
export const ChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Changes"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobStatusChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}},{"kind":"Field","name":{"kind":"Name","value":"command"}},{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"actor"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<ChangesSubscription, ChangesSubscriptionVariables>;
export const PauseDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Pause"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"reason"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RefusalPolicy"}}},"defaultValue":{"kind":"EnumValue","value":"SKIP"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"outcome"},"name":{"kind":"Name","value":"pauseJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"reason"},"value":{"kind":"Variable","name":{"kind":"Name","value":"reason"}}},{"kind":"Argument","name":{"kind":"Name","value":"onRefusal"},"value":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Outcome"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<PauseMutation, PauseMutationVariables>;
export const ResumeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Resume"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"reason"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RefusalPolicy"}}},"defaultValue":{"kind":"EnumValue","value":"SKIP"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"outcome"},"name":{"kind":"Name","value":"resumeJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"reason"},"value":{"kind":"Variable","name":{"kind":"Name","value":"reason"}}},{"kind":"Argument","name":{"kind":"Name","value":"onRefusal"},"value":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Outcome"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<ResumeMutation, ResumeMutationVariables>;
export const CancelDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Cancel"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"reason"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RefusalPolicy"}}},"defaultValue":{"kind":"EnumValue","value":"SKIP"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"outcome"},"name":{"kind":"Name","value":"cancelJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobs"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"reason"},"value":{"kind":"Variable","name":{"kind":"Name","value":"reason"}}},{"kind":"Argument","name":{"kind":"Name","value":"onRefusal"},"value":{"kind":"Variable","name":{"kind":"Name","value":"onRefusal"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Outcome"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Outcome"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlJobsPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"applied"}},{"kind":"Field","name":{"kind":"Name","value":"dryRun"}},{"kind":"Field","name":{"kind":"Name","value":"selectedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changedCount"}},{"kind":"Field","name":{"kind":"Name","value":"unchangedCount"}},{"kind":"Field","name":{"kind":"Name","value":"refusedCount"}},{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}}]} as unknown as DocumentNode<CancelMutation, CancelMutationVariables>;
export const JobNowDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"JobNow"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusMessage"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"modifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"fractionCompleted"}},{"kind":"Field","name":{"kind":"Name","value":"counters"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"executionErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"pauseReason"}},{"kind":"Field","name":{"kind":"Name","value":"coordinator"}},{"kind":"Field","name":{"kind":"Name","value":"availableCommands"}},{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobStatusChange"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}},{"kind":"Field","name":{"kind":"Name","value":"command"}},{"kind":"Field","name":{"kind":"Name","value":"commandId"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"actor"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<JobNowQuery, JobNowQueryVariables>;
export const CreateUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateUserMutation, CreateUserMutationVariables>;
export const SetPrivilegesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetPrivileges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"privileges"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Privilege"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"privileges"},"value":{"kind":"Variable","name":{"kind":"Name","value":"privileges"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"privileges"}}]}}]}}]}}]} as unknown as DocumentNode<SetPrivilegesMutation, SetPrivilegesMutationVariables>;
export const ReadChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ReadChanges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changefeed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"jobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}}]}}]}}]} as unknown as DocumentNode<ReadChangesSubscription, ReadChangesSubscriptionVariables>;
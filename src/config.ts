import { resolve } from 'node:path';
import {
  type AUTHS,
  CLOUD_VARIABLES,
  DAY_MS,
  type LEVELS,
  type LOG_FORMATS,
  LOOPBACK,
  NAMES,
  readTrust,
  SECRETS,
  type Trust,
  VARIABLES,
  type Variables,
} from './config-variables.ts';

export interface JwtConfig {
  readonly keys: { readonly url: string } | { readonly file: string };
  readonly issuer: string;
  readonly audience: string;
  readonly nameClaim: string;
  readonly privilegesClaim: string | null;
}

export interface Config {
  readonly auth: (typeof AUTHS)[number];
  /** Null unless AUTH=jwt. */
  readonly jwt: JwtConfig | null;
  /** The URL under which a proxy offers the server, without a slash at its end. */
  readonly publicUrl: string | null;
  readonly trustProxy: Trust | null;
  readonly host: string;
  readonly port: number;
  /** The port for SQL statements; null: there is none. */
  readonly sqlPort: number | null;
  /** The files of its certificate and key. */
  readonly sqlTls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly dataDir: string;
  /** The file of the job store. */
  /** `file:` and an absolute path, or the `postgresql:` URL of a database, which may contain a password. */
  readonly storeUrl: string;
  /** The same database without a pooler, for notifications; null: they arrive through `storeUrl`. */
  readonly listenUrl: string | null;
  /** The name of this server; null: one is drawn, and kept in the data folder. */
  readonly nodeName: string | null;
  /** All servers of the store have the same data folders, on a shared volume. */
  readonly filesShared: boolean;
  /** The file of an embedded store. */
  readonly storeFile: string | null;
  readonly allowedOrigins: readonly string[];
  /** Hosts, or host:port, that jobs may reach at private addresses. */
  readonly allowPrivateHosts: readonly string[];
  readonly workers: number;
  /** The maximum number of work processes. */
  readonly maxProcesses: number;
  /** The limit for JavaScript objects in one work process; buffers and SQLite need additional memory. */
  readonly processMemoryMb: number;
  /** How long a job may hold a lock of its database without completing a step. */
  readonly stuckMs: number;
  readonly leaseMs: number;
  readonly drainMs: number;
  /** How long jobs are kept after they end. */
  readonly retentionMs: number;
  /** How long events are kept. */
  readonly auditMs: number;
  /** The maximum size of a changefeed that is not being read. */
  readonly maxFeedBytes: number;
  /** The largest window of zstd that an import may allocate. */
  readonly maxWindowBytes: number;
  /** The maximum size of one uploaded file. */
  readonly maxUploadBytes: number;
  /** What `files/` may hold before uploads are refused. */
  readonly maxFilesBytes: number;
  readonly serverCredentials: Readonly<Record<string, string>>;
  /** The secret under which job credentials are encrypted. If null, the key file of the data folder is used. */
  readonly secret: string | null;
  readonly ownersControlJobs: boolean;
  /** Whether PAUSE stops the copy of a schema change. */
  readonly schemaChangesPausable: boolean;
  /** Only admins may change anything. */
  readonly maintenance: boolean;
  /** The limits on one request. */
  readonly queryLimits: {
    readonly depth: number;
    readonly cost: number;
    readonly aliases: number;
    readonly rootFields: number;
    readonly directives: number;
    readonly tokens: number;
    readonly variableValues: number;
    readonly inputDepth: number;
    readonly introspection: boolean;
  };
  /** The limits on one client. */
  readonly clientLimits: { readonly requestsPerSecond: number; readonly sockets: number; readonly operations: number };
  /** The largest body of a request, and the largest message of a socket. */
  readonly maxBodyBytes: number;
  readonly logLevel: (typeof LEVELS)[number];
  /** Null: `pretty` on a terminal, `json` otherwise. */
  readonly logFormat: (typeof LOG_FORMATS)[number] | null;
  /** What reads `/metrics` has to send. Null: only programs on this machine may. */
  readonly metricsToken: string | null;
}

/** The errors in the settings, one line for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the settings from variables under their unprefixed names. An empty value counts as unset. */
export const readConfig = (variables: Readonly<Record<string, string | undefined>>): Config =>
  configOf(parseVariables(variables));

/** Throws a ConfigError with one line for each invalid variable, formatted by `lineOf`. */
export const parseVariables = (
  variables: Readonly<Record<string, string | undefined>>,
  line: typeof lineOf = lineOf,
): Variables => {
  const nonEmpty = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = VARIABLES.safeParse(nonEmpty);
  const issues = parsed.error?.issues ?? [];
  const wrong = new Map([
    ...issues.map(({ path, message }) => [String(path[0]), message] as const),
    ...contradictions(nonEmpty),
  ]);
  if (parsed.success && wrong.size === 0) return parsed.data;
  const lines = NAMES.flatMap((name) => {
    const message = wrong.get(name);
    return message === undefined ? [] : [line(name, nonEmpty[name], message)];
  });
  throw new ConfigError(lines.join('\n'));
};

/** Settings that are valid by themselves, but not together. */
const contradictions = (nonEmpty: Readonly<Record<string, string | undefined>>) => {
  const { AUTH = 'insecure', HOST = '127.0.0.1' } = nonEmpty;
  const found: [string, string][] = [];
  if (AUTH === 'jwt') {
    for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE']) {
      if (nonEmpty[name] === undefined) found.push([name, 'must be set with AUTH=jwt']);
    }
    if ((nonEmpty.JWKS_URL === undefined) === (nonEmpty.JWT_KEY_FILE === undefined)) {
      found.push(['JWKS_URL', 'either JWKS_URL or JWT_KEY_FILE must be set with AUTH=jwt, and not both']);
    }
  }
  if (AUTH === 'insecure' && !LOOPBACK.includes(HOST)) {
    found.push(['HOST', `must be one of ${LOOPBACK.join(', ')} while AUTH=insecure`]);
  }
  if ((nonEmpty.SQL_TLS_CERT === undefined) !== (nonEmpty.SQL_TLS_KEY === undefined)) {
    found.push(['SQL_TLS_CERT', 'SQL_TLS_CERT and SQL_TLS_KEY must be set together']);
  }
  if (nonEmpty.SQL_PORT !== undefined && nonEmpty.SQL_TLS_CERT === undefined && !LOOPBACK.includes(HOST)) {
    found.push(['SQL_PORT', `needs SQL_TLS_CERT and SQL_TLS_KEY unless HOST is one of ${LOOPBACK.join(', ')}`]);
  }
  if (/^postgres(ql)?:/.test(nonEmpty.DATABASE_URL ?? '') && nonEmpty.SIGNALBOX_SECRET === undefined) {
    found.push(['SIGNALBOX_SECRET', 'must be set with a job store on PostgreSQL, to the same value on each server']);
  }
  if (nonEmpty.DATABASE_LISTEN_URL !== undefined && !/^postgres(ql)?:/.test(nonEmpty.DATABASE_URL ?? '')) {
    found.push(['DATABASE_LISTEN_URL', 'needs a DATABASE_URL of PostgreSQL']);
  }
  return found;
};

export const configOf = (variables: Variables): Config => {
  const dataDir = resolve(variables.DATA_DIR);
  return {
    auth: variables.AUTH,
    jwt: variables.AUTH === 'jwt' ? jwtOf(variables) : null,
    publicUrl: variables.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    trustProxy: variables.TRUST_PROXY === undefined ? null : readTrust(variables.TRUST_PROXY),
    host: variables.HOST,
    port: variables.PORT,
    sqlPort: variables.SQL_PORT ?? null,
    sqlTls:
      variables.SQL_TLS_CERT === undefined || variables.SQL_TLS_KEY === undefined
        ? null
        : { certFile: resolve(variables.SQL_TLS_CERT), keyFile: resolve(variables.SQL_TLS_KEY) },
    dataDir,
    ...storeOf(variables.DATABASE_URL, dataDir),
    listenUrl: variables.DATABASE_LISTEN_URL ?? null,
    nodeName: variables.NODE_NAME ?? null,
    filesShared: variables.FILES_SHARED,
    allowedOrigins: variables.ALLOWED_ORIGINS,
    allowPrivateHosts: variables.ALLOW_PRIVATE_HOSTS,
    workers: variables.WORKERS,
    maxProcesses: variables.MAX_PROCESSES,
    processMemoryMb: variables.PROCESS_MEMORY_MB,
    stuckMs: variables.STUCK_SECONDS * 1_000,
    leaseMs: variables.LEASE_SECONDS * 1_000,
    drainMs: variables.DRAIN_SECONDS * 1_000,
    retentionMs: variables.RETENTION_DAYS * DAY_MS,
    auditMs: variables.AUDIT_DAYS * DAY_MS,
    maxFeedBytes: variables.MAX_FEED_BYTES,
    maxWindowBytes: variables.MAX_WINDOW_BYTES,
    maxUploadBytes: variables.MAX_UPLOAD_BYTES,
    maxFilesBytes: variables.MAX_FILES_BYTES,
    serverCredentials: Object.fromEntries(
      CLOUD_VARIABLES.flatMap((name) => {
        const value = variables[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    ),
    secret: variables.SIGNALBOX_SECRET ?? null,
    ownersControlJobs: variables.OWNERS_CONTROL_JOBS,
    schemaChangesPausable: variables.SCHEMA_CHANGES_PAUSABLE,
    maintenance: variables.MAINTENANCE,
    queryLimits: {
      depth: variables.MAX_QUERY_DEPTH,
      cost: variables.MAX_QUERY_COST,
      aliases: variables.MAX_QUERY_ALIASES,
      rootFields: variables.MAX_ROOT_FIELDS,
      directives: variables.MAX_QUERY_DIRECTIVES,
      tokens: variables.MAX_QUERY_TOKENS,
      variableValues: variables.MAX_VARIABLE_VALUES,
      inputDepth: variables.MAX_INPUT_DEPTH,
      introspection: variables.INTROSPECTION,
    },
    clientLimits: {
      requestsPerSecond: variables.MAX_REQUESTS_PER_SECOND,
      sockets: variables.MAX_SOCKETS,
      operations: variables.MAX_SUBSCRIPTIONS,
    },
    maxBodyBytes: variables.MAX_BODY_BYTES,
    logLevel: variables.LOG_LEVEL,
    logFormat: variables.LOG_FORMAT ?? null,
    metricsToken: variables.METRICS_TOKEN ?? null,
  };
};

const storeOf = (url: string | undefined, dataDir: string): Pick<Config, 'storeUrl' | 'storeFile'> => {
  if (url !== undefined && !url.startsWith('file:')) return { storeUrl: url, storeFile: null };
  const file = resolve(url?.slice('file:'.length) ?? `${dataDir}/signalbox.db`);
  return { storeUrl: `file:${file}`, storeFile: file };
};

const jwtOf = (variables: Variables): JwtConfig => ({
  keys:
    variables.JWKS_URL === undefined ? { file: resolve(variables.JWT_KEY_FILE ?? '') } : { url: variables.JWKS_URL },
  issuer: variables.JWT_ISSUER ?? '',
  audience: variables.JWT_AUDIENCE ?? '',
  nameClaim: variables.JWT_NAME_CLAIM,
  privilegesClaim: variables.JWT_PRIVILEGES_CLAIM ?? null,
});

/** The settings for the audit log: of secrets, only whether they are set, and no password of a URL. */
export const auditedSettings = ({
  secret,
  metricsToken,
  serverCredentials,
  ...settings
}: Config): Readonly<Record<string, unknown>> => ({
  ...JSON.parse(withoutPasswords(JSON.stringify(settings))),
  secret: secret !== null,
  metricsToken: metricsToken !== null,
  serverCredentials: Object.keys(serverCredentials),
});

/** Formats any value as one line, without secrets or the password in a URL. */
export const lineOf = (name: string, value: string | undefined, message: string): string =>
  `${name}=${redactedValue(name, value)}: ${message}`;

/** A value in a form that is safe to show. */
export const redactedValue = (name: string, value = ''): string =>
  withoutPasswords(SECRETS.has(name.replace(/^SIGNALBOX_(?!SECRET$)/, '')) && value !== '' ? '…' : value)
    .replace(/\s/g, ' ')
    .slice(0, 200);

/** A password may contain any character but a quote: everything from // to the last @ is left out. */
const withoutPasswords = (text: string): string =>
  text.replace(/\/\/[^"]*@/g, '//…@').replace(/([?&]\w*password=)[^&"]*/gi, '$1…');

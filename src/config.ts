import { isIP, isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

/** With AUTH=insecure anyone who can connect is root: the server then listens on these addresses only. */
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];
export const AUTHS = ['insecure', 'token', 'jwt'] as const;
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const GIB = 1_024 ** 3;
const DAY_MS = 24 * 60 * 60 * 1_000;

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);
const yesOrNo = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const origin = z.string().refine((value) => URL.canParse(value) && new URL(value).origin === value, {
  message: 'must list origins such as https://example.com, separated by commas',
});

const isHost = (value: string) => isIPv6(value) || /^([^\s:/?#@[\]*]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(value);
const url = (isValid: (url: URL) => boolean, message: string) =>
  z.string().refine((value) => URL.canParse(value) && isValid(new URL(value)), message);
const isLoopback = ({ hostname }: URL) => [...LOOPBACK, '[::1]'].includes(hostname);

const isAddress = (value: string) => isIPv6(value) || /^[\w.-]+$/.test(value);
const host = z.string().refine(isHost, {
  message: 'must list hosts such as intranet.example or 10.0.0.5:8080, separated by commas',
});

/** The keys to cloud storage that admins' jobs may use. */
const CLOUD_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_ENDPOINT',
  'AZURE_ACCOUNT_NAME',
  'AZURE_ACCOUNT_KEY',
  'AZURE_ENDPOINT',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GS_ENDPOINT',
] as const;

const VARIABLES = z.object({
  HOST: z.string().refine(isAddress, 'must be an address or a name of this machine').default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^file:./, 'must be an SQLite file, as file:./data/signalbox.db')
    .optional(),
  AUTH: z.enum(AUTHS, `must be one of ${AUTHS.join(', ')}`).default('insecure'),
  JWKS_URL: url(
    (value) => value.protocol === 'https:' || (value.protocol === 'http:' && isLoopback(value)),
    'must be an https URL, as https://login.example.com/.well-known/jwks.json',
  ).optional(),
  JWT_KEY_FILE: z.string().optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  JWT_NAME_CLAIM: z.string().default('sub'),
  JWT_PRIVILEGES_CLAIM: z.string().optional(),
  PUBLIC_URL: url(
    ({ protocol, search, hash, username }) => /^https?:$/.test(protocol) && `${search}${hash}${username}` === '',
    'must be the http(s) URL under which the server is reached, as https://example.com/jobs',
  ).optional(),
  TRUST_PROXY: z
    .string()
    .refine((value) => readTrust(value) !== null, 'must be the number of proxies, or their addresses or networks')
    .optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(origin)).prefault(''),
  ALLOW_PRIVATE_HOSTS: list.pipe(z.array(host)).prefault(''),
  WORKERS: whole(1, 1_024).default(Math.max(1, availableParallelism() - 1)),
  MAX_PROCESSES: whole(2, 1_024).default(32),
  PROCESS_MEMORY_MB: whole(64, 1_048_576).default(1_024),
  STUCK_SECONDS: whole(1, 86_400).default(60),
  LEASE_SECONDS: whole(1, 3_600).default(15),
  DRAIN_SECONDS: whole(1, 3_600).default(10),
  RETENTION_DAYS: whole(0, 36_500).default(14),
  AUDIT_DAYS: whole(0, 36_500).default(90),
  MAX_FEED_BYTES: whole(1, Number.MAX_SAFE_INTEGER).default(GIB),
  MAX_UPLOAD_BYTES: whole(1, Number.MAX_SAFE_INTEGER).default(10 * GIB),
  MAX_FILES_BYTES: whole(1, Number.MAX_SAFE_INTEGER).default(100 * GIB),
  MAX_QUERY_DEPTH: whole(1, 100).default(20),
  MAX_QUERY_COST: whole(1, Number.MAX_SAFE_INTEGER).default(100_000),
  MAX_QUERY_ALIASES: whole(0, 10_000).default(100),
  MAX_ROOT_FIELDS: whole(1, 10_000).default(30),
  MAX_QUERY_DIRECTIVES: whole(0, 10_000).default(50),
  MAX_QUERY_TOKENS: whole(100, 100_000).default(10_000),
  MAX_VARIABLE_VALUES: whole(1, 1_000_000).default(50_000),
  MAX_INPUT_DEPTH: whole(1, 200).default(50),
  MAX_BODY_BYTES: whole(1_024, 1_073_741_824).default(1_048_576),
  MAX_REQUESTS_PER_SECOND: whole(1, 1_000_000).default(1_000),
  MAX_SOCKETS: whole(1, 1_000_000).default(10_000),
  MAX_SUBSCRIPTIONS: whole(1, 1_000_000).default(100),
  INTROSPECTION: yesOrNo.default(true),
  OWNERS_CONTROL_JOBS: yesOrNo.default(false),
  MAINTENANCE: yesOrNo.default(false),
  SIGNALBOX_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  LOG_LEVEL: z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`).default('info'),
  ...Object.fromEntries(CLOUD_VARIABLES.map((name) => [name, z.string().optional()])),
});
export type Variables = z.infer<typeof VARIABLES> & Readonly<Record<string, unknown>>;

/** The names of all settings, without the prefix. */
export const NAMES: readonly string[] = Object.keys(VARIABLES.shape);
/** Settings whose values are never redactedValue. */
const SECRETS: ReadonlySet<string> = new Set([
  'SIGNALBOX_SECRET',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_ACCOUNT_KEY',
]);

/** Which proxies are trusted: a number of them, counted from this server, or those at these addresses. */
export type Trust =
  | { readonly hops: number }
  | { readonly networks: readonly { readonly address: string; readonly prefix: number }[] };

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
  readonly dataDir: string;
  /** The file of the job store. */
  readonly storeFile: string;
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
  /** The maximum size of one uploaded file. */
  readonly maxUploadBytes: number;
  /** What `files/` may hold before uploads are refused. */
  readonly maxFilesBytes: number;
  readonly serverCredentials: Readonly<Record<string, string>>;
  /** The secret under which job credentials are encrypted. If null, they are not encrypted. */
  readonly secret: string | null;
  readonly ownersControlJobs: boolean;
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
    dataDir,
    storeFile: resolve(variables.DATABASE_URL?.slice('file:'.length) ?? `${dataDir}/signalbox.db`),
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
  };
};

const jwtOf = (variables: Variables): JwtConfig => ({
  keys:
    variables.JWKS_URL === undefined ? { file: resolve(variables.JWT_KEY_FILE ?? '') } : { url: variables.JWKS_URL },
  issuer: variables.JWT_ISSUER ?? '',
  audience: variables.JWT_AUDIENCE ?? '',
  nameClaim: variables.JWT_NAME_CLAIM,
  privilegesClaim: variables.JWT_PRIVILEGES_CLAIM ?? null,
});

/** Null if it is neither a number of proxies nor a list of addresses and networks, such as 10.0.0.0/8. */
function readTrust(value: string): Trust | null {
  if (/^\d{1,2}$/.test(value)) return { hops: Number(value) };
  const networks = value.split(',').map((part) => {
    const [address = '', prefix] = part.trim().split('/');
    const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
    return { address, prefix: prefix === undefined ? bits : /^\d+$/.test(prefix) ? Number(prefix) : -1, bits };
  });
  if (networks.some(({ prefix, bits }) => bits < 0 || prefix < 0 || prefix > bits)) return null;
  return { networks: networks.map(({ address, prefix }) => ({ address, prefix })) };
}

/** The settings for the audit log: of secrets, only whether they are set, and no password of a URL. */
export const auditedSettings = ({
  secret,
  serverCredentials,
  ...settings
}: Config): Readonly<Record<string, unknown>> => ({
  ...JSON.parse(JSON.stringify(settings).replace(/\/\/[^/@"]*@/g, '//…@')),
  secret: secret !== null,
  serverCredentials: Object.keys(serverCredentials),
});

/** Formats any value as one line, without secrets or the password in a URL. */
export const lineOf = (name: string, value: string | undefined, message: string): string =>
  `${name}=${redactedValue(name, value)}: ${message}`;

/** A value in a form that is safe to show. */
export const redactedValue = (name: string, value = ''): string =>
  (SECRETS.has(name.replace(/^SIGNALBOX_(?!SECRET$)/, '')) && value !== '' ? '…' : value)
    .replace(/\/\/[^/@]*@/g, '//…@')
    .replace(/\s/g, ' ')
    .slice(0, 200);

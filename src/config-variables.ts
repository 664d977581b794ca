/** The variables of the settings: their names, their form and their defaults. `config.ts` turns them into a Config. */
import { isIP, isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** With AUTH=insecure anyone who can connect is root: the server then listens on these addresses only. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];
export const AUTHS = ['insecure', 'token', 'jwt'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;
export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const GIB = 1_024 ** 3;
export const DAY_MS = 24 * 60 * 60 * 1_000;

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
export const CLOUD_VARIABLES = [
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

export const VARIABLES = z.object({
  HOST: z.string().refine(isAddress, 'must be an address or a name of this machine').default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^(file:|postgres(ql)?:\/\/)./, 'must be file: and a path, or postgresql://USER:PASSWORD@HOST/DATABASE')
    .optional(),
  DATABASE_LISTEN_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, 'must be postgresql://USER:PASSWORD@HOST/DATABASE')
    .optional(),
  NODE_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'must have 1 to 64 letters, digits, and _ . -')
    .optional(),
  FILES_SHARED: yesOrNo.default(false),
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
  MAX_WINDOW_BYTES: whole(1_024, 2 * GIB).default(GIB / 4),
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
  SQL_PORT: whole(0, 65_535).optional(),
  SQL_TLS_CERT: z.string().optional(),
  SQL_TLS_KEY: z.string().optional(),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  INTROSPECTION: yesOrNo.default(true),
  OWNERS_CONTROL_JOBS: yesOrNo.default(false),
  SCHEMA_CHANGES_PAUSABLE: yesOrNo.default(false),
  MAINTENANCE: yesOrNo.default(false),
  SIGNALBOX_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  LOG_LEVEL: z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`).default('info'),
  LOG_FORMAT: z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`).optional(),
  ...Object.fromEntries(CLOUD_VARIABLES.map((name) => [name, z.string().optional()])),
});
export type Variables = z.infer<typeof VARIABLES> & Readonly<Record<string, unknown>>;

/** The names of all settings, without the prefix. */
export const NAMES: readonly string[] = Object.keys(VARIABLES.shape);
/** Settings whose values are never shown. */
export const SECRETS: ReadonlySet<string> = new Set([
  'SIGNALBOX_SECRET',
  'METRICS_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_ACCOUNT_KEY',
]);

/** Which proxies are trusted: a number of them, counted from this server, or those at these addresses. */
export type Trust =
  | { readonly hops: number }
  | { readonly networks: readonly { readonly address: string; readonly prefix: number }[] };

/** Null if it is neither a number of proxies nor a list of addresses and networks, such as 10.0.0.0/8. */
export function readTrust(value: string): Trust | null {
  if (/^\d{1,2}$/.test(value)) return { hops: Number(value) };
  const networks = value.split(',').map((part) => {
    const [address = '', prefix] = part.trim().split('/');
    const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
    return { address, prefix: prefix === undefined ? bits : /^\d+$/.test(prefix) ? Number(prefix) : -1, bits };
  });
  if (networks.some(({ prefix, bits }) => bits < 0 || prefix < 0 || prefix > bits)) return null;
  return { networks: networks.map(({ address, prefix }) => ({ address, prefix })) };
}

/**
 * The environment variables in which OpenDAL's HTTP client finds its proxy. It reads them when an operator is created,
 * from the environment of the process: a thread has to share that.
 */
const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
/** Hosts that would be reached without the proxy. */
const EXCEPTIONS = ['NO_PROXY', 'no_proxy'];

/**
 * Creates the variables. The C library moves the environment when a variable is added, while other threads may be
 * reading it: call this before they start. Later changes replace values in place.
 */
export const reserveProxyVariables = (): void => {
  for (const name of [...NAMES, ...EXCEPTIONS]) process.env[name] ??= '';
};

/** Creates an operator whose requests go through a proxy. */
export const withProxy = <T>(proxy: string, create: () => T): T => {
  const before = [...NAMES, ...EXCEPTIONS].map((name) => [name, process.env[name] ?? ''] as const);
  for (const name of NAMES) process.env[name] = proxy;
  for (const name of EXCEPTIONS) process.env[name] = '';
  try {
    return create();
  } finally {
    for (const [name, value] of before) process.env[name] = value;
  }
};

/**
 * The entry points of threads and processes, as built files: a thread cannot load TypeScript, so a server that runs
 * from its sources (in tests) also uses the built threads.
 */
export const entryPoint = (name: 'store-thread' | 'work-process' | 'snapshot-process'): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL(`../../dist/${name}.js`, import.meta.url)
    : new URL(`./${name}.js`, import.meta.url);

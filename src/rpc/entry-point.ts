/**
 * The files that threads and processes start from, as they were built: a thread cannot load TypeScript, so a server
 * that runs from its sources (the tests) uses the built threads too.
 */
export const entryPoint = (name: 'store-thread' | 'work-process' | 'snapshot-process'): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL(`../../dist/${name}.js`, import.meta.url)
    : new URL(`./${name}.js`, import.meta.url);

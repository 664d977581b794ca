// `npm start`: builds what has changed, and serves, in one process, so that a signal reaches the server itself.
await import('./build.mjs');
await import('../dist/main.js');

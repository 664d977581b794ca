import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { css, editorWorkerService, graphqlWorker, js, jsonWorker } from '@graphql-yoga/render-graphiql/graphiql';
import { type Page, pageOf } from '../http/page.ts';
import { examples, filterExamples } from './playground-examples.ts';
import { kindExamples } from './playground-kinds.ts';

/** Its head declares what it may request, and no other page may frame it. */
export const playgroundPage = async (endpoint: string): Promise<Page> =>
  pageOf(Buffer.from(renderPlayground(endpoint)), 'text/html; charset=utf-8', "frame-ancestors 'none'");

/**
 * The complete page of the playground: it loads nothing from other hosts, and its policy forbids doing so. The endpoint
 * is a path of the same origin, for both HTTP and WebSocket. The page is 9 MB and takes 30 ms to render, after 150 ms
 * to load: render it once.
 */
function renderPlayground(endpoint: string): string {
  const script = [
    js,
    readFileSync(socketClientPath(), 'utf8'),
    `const playground = ${literal({ tabs: [...examples, ...filterExamples, ...kindExamples], logo: LOGO })};`,
    `const workers = ${literal({ editorWorkerService, json: jsonWorker, graphql: graphqlWorker })};`,
    PAGE,
  ].join('\n;\n');

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signalbox</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO)}">
<style>${css}${STYLE}</style>
</head>
<body class="no-focus-outline">
<noscript>The playground needs JavaScript. The API at ${endpoint} does not.</noscript>
<form id="sign-in">
<label id="token-label">Token or JWT <input id="token" type="password" autocomplete="off" spellcheck="false" required></label>
<button type="submit">Sign in</button>
<span id="viewer" role="status"></span>
<button id="sign-out" type="button" hidden>Sign out</button>
</form>
<div id="root"></div>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * Allows only our script, data in the page, and requests to the page's own origin, including WebSockets of that host
 * and port. Neither an image in a description nor a change in the editor's package can therefore contact another host.
 * Inline styles are allowed because the editor adds its own at run time.
 */
function policyFor(script: string): string {
  const digest = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** graphql-ws contains a client for a plain script tag, in addition to the files that its `exports` list. */
function socketClientPath(): string {
  return join(createRequire(import.meta.url).resolve('graphql-ws'), '../../umd/graphql-ws.min.js');
}

/** A JavaScript literal that cannot end the script element that contains it. */
function literal(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** A traffic signal with three lights. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
<rect x="9" y="1" width="14" height="30" rx="7" fill="#37474f" stroke="#90a4ae"/>
<circle cx="16" cy="8" r="4" fill="#ef5350"/><circle cx="16" cy="16" r="4" fill="#ffb300"/><circle cx="16" cy="24" r="4" fill="#43a047"/>
</svg>`;

/**
 * GraphiQL follows the system's light or dark mode by itself; the background applies until it has loaded. The rule
 * about tabs works around a GraphiQL bug with more than one initial tab: when first pressed, a tab jumps to the far
 * right from under the pointer, and the click is lost.
 */
const STYLE = `
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; }
#root { flex: 1; min-height: 0; }
#sign-in { display: flex; gap: 8px; align-items: center; justify-content: flex-end; padding: 6px 12px; font: 13px system-ui, sans-serif; }
#sign-in.signed-in > :is(label, [type="submit"]) { display: none; }
@media (prefers-color-scheme: dark) { #sign-in { color: #e6ebf1; } }
@media (prefers-color-scheme: dark) { html { background: #212a3b; } }
.graphiql-container .graphiql-tab { transform: none !important; }
.graphiql-logo a { color: inherit; }
`;

/**
 * The script of the page, which runs after GraphiQL, graphql-ws and the two constants above it. It has its own fetcher
 * because the fetcher of the package opens sockets without the editor's headers: a subscription would then run as a
 * different user than the queries in the same editor.
 */
const PAGE = `
// The page lies where the API is, whatever path a proxy puts before it.
const httpUrl = new URL(location.pathname, location.href);
const socketUrl = new URL(httpUrl);
socketUrl.protocol = httpUrl.protocol === 'https:' ? 'wss:' : 'ws:';

function fetcher(request, { headers = {}, documentAST } = {}) {
  const operation = documentAST?.definitions.find(
    ({ kind, name }) => kind === 'OperationDefinition' && (!request.operationName || name?.value === request.operationName),
  );
  const all = withToken(headers);
  return operation?.operation === 'subscription' ? subscribe(request, all) : post(request, all);
}

// The token of this tab: the browser forgets it with the tab. The jobs page uses the same name.
const TOKEN = 'signalbox:token';

// The headers of a tab of the editor win.
function withToken(headers) {
  const token = sessionStorage.getItem(TOKEN);
  const isGiven = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  return token === null || isGiven ? headers : { ...headers, authorization: 'Bearer ' + token };
}

async function showViewer() {
  const form = document.querySelector('#sign-in');
  const { data, errors } = await post({ query: '{ viewer { name scope } }' }, withToken({}));
  const { name, scope } = data?.viewer ?? {};
  form.querySelector('#viewer').textContent = errors ? errors[0].message : scope === 'FULL' ? name : name + ' (' + scope + ')';
  form.classList.toggle('signed-in', !errors);
  form.querySelector('#sign-out').hidden = sessionStorage.getItem(TOKEN) === null;
}

// The editor has read the schema as the previous user: the page is loaded again.
document.querySelector('#sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, document.querySelector('#token').value.trim());
  location.reload();
});
document.querySelector('#sign-out').addEventListener('click', () => {
  sessionStorage.removeItem(TOKEN);
  location.reload();
});
showViewer().catch((error) => { document.querySelector('#viewer').textContent = error.message; });

async function post(request, headers) {
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json', ...headers },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // Something before GraphQL answered: a limit, a proxy, a server that is stopping.
    return { errors: [{ message: response.status + ' ' + response.statusText + ' ' + text }] };
  }
}

// A socket for each subscription, so that each has the headers of its tab. It does not connect again by itself: that would
// leave a gap in what is shown.
function subscribe(request, headers) {
  const client = graphqlWs.createClient({ url: socketUrl.href, connectionParams: toConnectionParams(headers), retryAttempts: 0 });
  return {
    subscribe(observer) {
      const unsubscribe = client.subscribe(request, {
        next: (result) => observer.next(result),
        error: (error) => observer.error(Array.isArray(error) ? error : describe(error)),
        complete: () => observer.complete(),
      });
      return { unsubscribe };
    },
  };
}

// A browser cannot send headers with a socket; the API takes these two as connection parameters.
function toConnectionParams(headers) {
  const names = { authorization: 'authorization', 'x-signalbox-user': 'user' };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (names[name.toLowerCase()] ? [[names[name.toLowerCase()], value]] : [])),
  );
}

function describe(error) {
  return { message: 'code' in error ? 'The connection was closed: ' + error.code + ' ' + (error.reason ?? '') : error.message };
}

// Other servers come and go on the same port with a GraphiQL of their own: its tabs stay theirs, and ours ours.
const prefix = 'signalbox:';
const ownNames = () => Object.keys(localStorage).filter((name) => name.startsWith(prefix));
const storage = {
  getItem: (name) => localStorage.getItem(prefix + name),
  setItem: (name, value) => localStorage.setItem(prefix + name, value),
  removeItem: (name) => localStorage.removeItem(prefix + name),
  clear: () => ownNames().forEach((name) => localStorage.removeItem(name)),
  get length() { return ownNames().length; },
};

const workerUrls = Object.fromEntries(
  Object.entries(workers).map(([label, text]) => [label, URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))]),
);
globalThis.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => workerUrls[label] };

YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  title: '<a href="./">Jobs</a>',
  logo: playground.logo,
  defaultTabs: playground.tabs,
  // At the first visit GraphiQL fills in the query of the first tab, and forgets its variables.
  variables: ownNames().length === 0 ? playground.tabs[0].variables : undefined,
  defaultEditorToolsVisibility: 'variables',
  fetcher,
  storage,
  // Headers hold tokens, and the address of a page goes into histories and logs: neither is kept.
  shouldPersistHeaders: false,
  onEditQuery() {},
});
`;

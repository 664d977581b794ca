import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, parse, validate } from 'graphql';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { examples, filterExamples } from '../../src/web/playground-examples.ts';
import { kindExamples } from '../../src/web/playground-kinds.ts';
import { startApp } from '../support/app.ts';
import { useBrowser } from '../support/browser.ts';
import { startWithTokens } from '../support/tokens.ts';

const openBrowser = useBrowser();

test('the playground opens with examples that one click runs', async () => {
  await using app = await startApp();
  await using browser = openBrowser();
  const page = await browser.openPage();

  await page.goto(app.url);

  expect(await page.title()).toBe('Signalbox');
  await editorLine(page, 'mutation CreateDatabase').waitFor();
  expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual([
    'CreateDatabase',
    'ImportSample',
    'ListJobs',
    'Watch',
    'Pause',
    'Resume',
    'Cancel',
    'WatchTable',
    'Changes',
    'AddMaxroach',
    'PauseJobsOfMaxroach',
    'BackUp',
    'ShowBackup',
    'Restore',
    'ChangeSchema',
  ]);
  await run(page);
  await resultLine(page, '"name": "demo"').waitFor();
  await openTab(page, 'ImportSample');
  await run(page);
  await resultLine(page, '"description": "IMPORT').waitFor();
  await openTab(page, 'ListJobs');
  await run(page);
  await resultLine(page, '"type": "IMPORT"').waitFor();
  expect([...browser.hosts]).toEqual([new URL(app.url).host]);
  expect(browser.errors).toEqual([]);
});

test('a subscription in the playground shows what happens elsewhere, and ends when it is stopped', async () => {
  await using app = await startApp();
  await using browser = openBrowser();
  const page = await browser.openPage();
  await page.goto(app.url);
  await openTab(page, 'Watch');
  const subscribed = nextSubscription(page);
  await run(page);
  await subscribed;

  const id = await importAndCancel(app.url);

  // The cancel is the last that happens to the job, so this is what stays on the screen.
  await resultLine(page, '"to": "CANCELED"').waitFor();
  await resultLine(page, `"jobId": "${id}"`).waitFor();
  const { closed } = await subscribed;
  await page.getByRole('button', { name: 'Stop query' }).click();
  await closed;
  expect([...browser.hosts]).toEqual([new URL(app.url).host]);
  expect(browser.errors).toEqual([]);
});

test('the playground sends the token with requests and subscriptions, and signs out', async () => {
  await using scene = await startWithTokens();
  await using browser = openBrowser();
  const page = await browser.openPage();
  await page.goto(scene.url);
  const viewer = (text: RegExp) => page.locator('#viewer', { hasText: text }).waitFor();
  await viewer(/^a token is missing/);
  await editorLine(page, 'mutation CreateDatabase').waitFor();
  await page.getByLabel('Token or JWT').fill(scene.root);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await viewer(/^root$/);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await openTab(page, 'ListJobs');
  await run(page);
  await resultLine(page, '"nodes": []').waitFor();
  await openTab(page, 'Watch');
  const subscribed = nextSubscription(page);
  await run(page);
  expect((await subscribed).connectionParams).toEqual({ authorization: `Bearer ${scene.root}` });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await viewer(/^a token is missing/);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('sbx_');
});

test('a subscription in the playground runs as the user named by the headers in the editor, and the headers are not kept', async () => {
  await using app = await startApp();
  await using browser = openBrowser();
  const page = await browser.openPage();
  await call(app.url, 'mutation { createUser(input: { name: "grace" }) { user { name } } }');
  await page.goto(app.url);
  await openTab(page, 'Watch');
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
  await page.keyboard.insertText('{ "X-Signalbox-User": "grace" }');
  const subscribed = nextSubscription(page);

  await run(page);

  expect((await subscribed).connectionParams).toEqual({ user: 'grace' });
  await openTab(page, 'ListJobs');
  await stored(page, 'tabState', (text) => text.includes('"activeTabIndex":2'));
  // What is typed there may be a token.
  expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('grace');
  expect(browser.errors).toEqual([]);
});

test('a second visit finds the tabs as they were left', async () => {
  await using app = await startApp();
  await using browser = openBrowser();
  const page = await browser.openPage();
  await page.goto(app.url);
  await openTab(page, 'ListJobs');
  await page.locator('.graphiql-tab-active .graphiql-tab-close').click();
  // Stored one by one, each a moment later; a visit in between would find an odd one out, and give it a tab of its own.
  await stored(page, 'tabState', (text) => text.includes('ImportSample') && !text.includes('ListJobs'));
  await stored(page, 'query', (text) => text.includes('ImportSample'));
  await stored(page, 'variables', (text) => text.includes('maxRowsPerSecond'));

  await page.reload();

  await editorLine(page, 'mutation ImportSample').waitFor();
  expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual([
    'CreateDatabase',
    'ImportSample',
    'Watch',
    'Pause',
    'Resume',
    'Cancel',
    'WatchTable',
    'Changes',
    'AddMaxroach',
    'PauseJobsOfMaxroach',
    'BackUp',
    'ShowBackup',
    'Restore',
    'ChangeSchema',
  ]);
  expect(page.url()).toBe(app.url);
});

test('every example is valid in the schema that is served', async () => {
  await using app = await startApp();

  const schema = buildClientSchema(await call<IntrospectionQuery>(app.url, getIntrospectionQuery({ oneOf: true })));

  for (const { query } of [...examples, ...filterExamples, ...kindExamples])
    expect(validate(schema, parse(query)), query).toEqual([]);
});

/** The name is that of the operation too. GraphiQL takes in a text a moment after it shows it, and stores it then. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await stored(page, 'query', (text) => text.includes(` ${name}`));
}

/** Resolves once the playground has stored what is asked for. */
async function stored(page: Page, key: string, is: (text: string) => boolean): Promise<void> {
  const read = () => page.evaluate<string | null>(`localStorage.getItem('signalbox:graphiql:${key}')`);
  await expect.poll(async () => is((await read()) ?? '')).toBe(true);
}

const run = (page: Page) => page.getByRole('button', { name: 'Execute query' }).click();
const editorLine = (page: Page, text: string) => page.locator('.graphiql-query-editor .view-line', { hasText: text });
const resultLine = (page: Page, text: string) => page.locator('.result-window .view-line', { hasText: text });

/** Resolves once the page has sent the subscription; only graphql-transport-ws calls that message `subscribe`. */
async function nextSubscription(page: Page): Promise<{ connectionParams: unknown; closed: Promise<void> }> {
  return new Promise((resolve) => {
    page.once('websocket', (socket) => {
      const closed = new Promise<void>((resolveClosed) => socket.once('close', () => resolveClosed()));
      let connectionParams: unknown;
      socket.on('framesent', ({ payload }) => {
        const message = JSON.parse(payload.toString());
        if (message.type === 'connection_init') connectionParams = message.payload;
        if (message.type === 'subscribe') resolve({ connectionParams, closed });
      });
    });
  });
}

/** Answers the id of the job. */
async function importAndCancel(url: string): Promise<string> {
  await call(url, 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const { createImport } = await call<{ createImport: { job: { id: string } } }>(
    url,
    `mutation {
      createImport(
        input: {
          database: "demo"
          table: "people"
          columns: [
            { name: "id", type: "INTEGER", primaryKey: true }
            { name: "name", type: "TEXT" }
            { name: "email", type: "TEXT" }
            { name: "city", type: "TEXT" }
            { name: "balance", type: "REAL" }
            { name: "joined", type: "TEXT" }
          ]
          sources: ["nodelocal:///sample.csv"]
          maxRowsPerSecond: 500
        }
      ) {
        job { id }
      }
    }`,
  );
  const { id } = createImport.job;
  await call(url, `mutation { cancelJobs(jobs: { ids: ["${id}"] }) { changed { to } } }`);
  return id;
}

async function call<T>(url: string, query: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

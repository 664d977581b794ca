import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { useBrowser } from '../support/browser.ts';
import { addUser, jobNow, order } from '../support/control.ts';
import { peopleImport, writePeople } from '../support/people.ts';
import { startProxy } from '../support/proxy.ts';
import { startScripted } from '../support/scripted-app.ts';

const openBrowser = useBrowser();

const READ_CHANGES = graphql(/* GraphQL */ `
  subscription ReadChanges($id: ID!) {
    changefeed(jobId: $id) {
      __typename
    }
  }
`);

const home = (app: { readonly url: string }) => new URL('/', app.url).href;
const rowOf = (page: Page, id: string) => page.locator(`#rows tr[data-id="${id}"]`);
/** Waits until the row says so. */
const says = (page: Page, id: string, text: string) => rowOf(page, id).locator('.status', { hasText: text }).waitFor();
const idsOf = (page: Page) =>
  page.locator('#rows tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')));
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const live = (page: Page) => page.locator('#connection', { hasText: /^Live$/ }).waitFor();

test('a job on the page moves, is paused by its button, and goes on', async () => {
  await using scene = await startScripted();
  await using browser = openBrowser();
  const { app, script } = scene;
  const a = await scene.start('a');
  const b = await scene.start('b');
  const page = await browser.openPage();

  await page.goto(home(app));

  await says(page, a, 'Running');
  expect(await idsOf(page)).toEqual([b, a]);
  expect(await page.title()).toBe('Jobs · Signalbox');
  script('a').act({ checkpoint: 1, fractionCompleted: 0.5, counters: { rows: 1234 } });
  await rowOf(page, a).getByText('50%').waitFor();
  await rowOf(page, a).getByText('1,234 rows').waitFor();
  expect(await rowOf(page, a).getByRole('progressbar').getAttribute('value')).toBe('0.5');
  await button(page, `Pause job ${a}`).click();
  await says(page, a, 'Paused');
  await page.locator('#notice', { hasText: 'Pause: 1 job changed.' }).waitFor();
  expect(await jobNow(app, a)).toMatchObject({ status: 'PAUSED' });
  expect(await button(page, `Pause job ${a}`).isVisible()).toBe(false);
  await button(page, `Resume job ${a}`).click();
  await says(page, a, 'Running');
  // One that is made meanwhile takes its place, and the other was left alone.
  const c = await scene.create('c');
  await says(page, c, 'Pending');
  expect(await idsOf(page)).toEqual([c, b, a]);
  expect(scene.changes.statusesOf(b)).toEqual(['PENDING', 'RUNNING']);

  // On a telephone nothing sticks out.
  await page.setViewportSize({ width: 380, height: 780 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(380);
  expect([...browser.hosts]).toEqual([new URL(app.url).host]);
  expect(browser.errors).toEqual([]);
});

test('a filter narrows the list by text, status, user and id, and a reload keeps it', async () => {
  await using scene = await startScripted();
  await using browser = openBrowser();
  const { app } = scene;
  await addUser(app, 'grace', { privileges: ['CREATEJOB'] });
  const apple = await scene.start('apple');
  const pear = await scene.start('pear');
  const { id: plum } = await app.create('SCRIPTED', { name: 'plum' }, 'grace');
  await order(app, 'PAUSE', [plum]);
  const page = await browser.openPage();
  await page.goto(home(app));
  await says(page, plum, 'Paused');
  const shows = (...ids: string[]) => expect.poll(() => idsOf(page)).toEqual(ids);

  await page.getByLabel('Description or id').fill('P');
  await shows(plum, pear, apple);
  await page.getByLabel('Description or id').fill('PEA');
  await shows(pear);
  await page.getByLabel('Description or id').fill(apple);
  await shows(apple);
  await page.getByLabel('Description or id').fill('');
  await page.getByLabel('User', { exact: true }).fill('gra');
  await shows(plum);
  await page.getByLabel('User', { exact: true }).fill('');
  await page.getByLabel(/^Paused/).check({ force: true });
  await shows(plum);
  // It follows what happens.
  await order(app, 'PAUSE', [pear]);
  await shows(plum, pear);
  await order(app, 'RESUME', [plum]);
  await shows(pear);

  await page.reload();
  await shows(pear);
  expect(new URL(page.url()).search).toBe('?status=paused');
  await page.getByLabel('Description or id').fill('nothing like it');
  await button(page, 'Clear the filter').click();
  await shows(plum, pear, apple);
  expect(browser.errors).toEqual([]);
});

test('what a preview of all that match showed is what happens; when it has changed, there is a new one', async () => {
  await using scene = await startScripted({ settings: { WORKERS: '4' } });
  await using browser = openBrowser();
  const { app } = scene;
  const [a, b, c] = [await scene.start('go a'), await scene.start('go b'), await scene.start('go c')];
  const other = await scene.start('stay');
  const page = await browser.openPage();
  await page.goto(`${home(app)}?text=go`);
  await says(page, c, 'Running');
  const tally = (text: string) => expect.poll(() => page.locator('.tally').innerText()).toMatch(new RegExp(text));
  const numbers = (...counts: number[]) =>
    tally(
      ['selected', 'will change', 'already so', 'will refuse'].map((word, n) => `${counts[n]}\\s+${word}`).join('\\s+'),
    );

  await rowOf(page, a).getByRole('checkbox').check();
  await button(page, 'Select all 3 that match').click();
  await page.locator('#selection').getByRole('button', { name: 'Pause' }).click();
  await numbers(3, 3, 0, 0);
  await page.getByLabel('Reason').fill('for the test');
  await order(app, 'CANCEL', [b]);
  await scene.reverts(b);
  scene.script('go b').act('finish');
  await scene.changes.reaches(b, 'CANCELED');
  await button(page, 'Pause 3 jobs').click();

  await page.getByText('The jobs have changed since this preview').waitFor();
  await numbers(3, 2, 0, 1);
  await page.getByText(`cannot pause canceled job ${b}`).waitFor();
  expect(scene.changes.statusesOf(a)).toEqual(['PENDING', 'RUNNING']);
  await button(page, 'Pause 2 jobs').click();

  for (const id of [a, c]) await says(page, id, 'Paused');
  await page.locator('#notice', { hasText: 'Pause: 2 jobs changed, 1 job refused.' }).waitFor();
  for (const id of [a, c])
    expect(await jobNow(app, id)).toMatchObject({ status: 'PAUSED', pauseReason: 'for the test' });
  expect(await jobNow(app, b)).toMatchObject({ status: 'CANCELED' });
  expect(await jobNow(app, other)).toMatchObject({ status: 'RUNNING' });
  expect(browser.errors).toEqual([]);
});

test('a job is opened and closed from the keyboard, with its history and the errors of its attempts', async () => {
  await using scene = await startScripted();
  await using browser = openBrowser();
  const { app } = scene;
  const id = await scene.start('<b>bold</b>');
  await order(app, 'PAUSE', [id], { reason: 'to <i>look</i>' });
  await scene.changes.reaches(id, 'PAUSED');
  const page = await browser.openPage();
  await page.goto(home(app));
  await says(page, id, 'Paused');

  await button(page, 'SCRIPTED <b>bold</b>').focus();
  await page.keyboard.press('Enter');

  const drawer = page.getByRole('complementary');
  await drawer.locator('.quote', { hasText: 'to <i>look</i>' }).waitFor();
  expect(await drawer.locator('.events .badge').allTextContents()).toEqual(['Paused', 'Pausing', 'Running', 'Pending']);
  expect(await page.locator('#rows b, #rows i, aside b, aside i').count()).toBe(0);
  await drawer.getByRole('button', { name: 'Resume' }).click();
  await button(page, 'Resume 1 job').click();
  await says(page, id, 'Running');
  scene.script('<b>bold</b>').act(new Error('the disk is full'), 'finish');
  await says(page, id, 'Failed');
  await drawer.locator('p.error', { hasText: 'the disk is full' }).first().waitFor();
  await page.keyboard.press('Escape');
  expect(await drawer.isVisible()).toBe(false);
  expect(await page.evaluate('document.activeElement.textContent')).toBe('SCRIPTED <b>bold</b>');
  expect(browser.errors).toEqual([]);
});

test('a page whose socket is cut comes back by itself, and shows what happened meanwhile', async () => {
  await using scene = await startScripted();
  await using browser = openBrowser();
  await using proxy = await startProxy();
  proxy.leadTo(scene.app.url);
  const [a, b] = [await scene.start('a'), await scene.start('b')];
  const page = await browser.openPage();
  await page.goto(home(proxy));
  await says(page, b, 'Running');

  proxy.leadTo(null);
  proxy.cut();
  await page.locator('#connection', { hasText: 'Reconnecting' }).waitFor();
  await order(scene.app, 'PAUSE', [a]);
  await scene.changes.reaches(a, 'PAUSED');
  expect(await rowOf(page, a).innerText()).toContain('Running');
  proxy.leadTo(scene.app.url);

  await live(page);
  await says(page, a, 'Paused');
  expect(await idsOf(page)).toEqual([b, a]);
});

test('a page without jobs leads to the playground, which leads back to what it started', async () => {
  await using scene = await startScripted();
  await using browser = openBrowser();
  const { app } = scene;
  const page = await browser.openPage();
  await page.goto(home(app));
  await page.getByText('No jobs yet').waitFor();
  // The playground is large: where much else runs, it takes its time.
  await page.getByRole('main').getByRole('link', { name: 'playground' }).click();
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  const id = await importPeople(app);
  await page.getByRole('link', { name: 'Jobs' }).click();
  await says(page, id, 'Succeeded');
  expect(await rowOf(page, id).locator('.database').textContent()).toBe('demo');
  expect([...browser.hosts]).toEqual([new URL(app.url).host]);
  expect(browser.errors).toEqual([]);
});

/** Answers the id of the job. */
const importPeople = async (app: TestApp): Promise<string> => {
  writePeople(app.dataDir, 10);
  const query = `mutation ($input: CreateImportInput!) {
    createDatabase(input: { name: "demo" }) { database { name } }
    createImport(input: $input) { job { id } }
  }`;
  const { data, errors } = await app.send({ query, variables: { input: peopleImport() } });
  expect(errors).toBeUndefined();
  return (data as { createImport: { job: { id: string } } }).createImport.job.id;
};

test('the changes of a table are shown live, until somebody else reads them', async () => {
  await using app = await startApp();
  await using browser = openBrowser();
  const create = (query: string) => app.send({ query }).then(({ data, errors }) => [data, errors]);
  await create('mutation { createDatabase(input: { name: "watched" }) { database { name } } }');
  const sql = new Database(join(app.dataDir, 'databases', 'watched.db'));
  sql.exec("CREATE TABLE birds (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO birds VALUES (1, 'wren')");
  await create('mutation { createChangefeed(input: { database: "watched", tables: ["birds"] }) { job { id } } }');
  const page = await browser.openPage();
  await page.goto(home(app));

  await page.getByRole('button', { name: /CREATE CHANGEFEED FOR TABLE/ }).click();
  await button(page, 'Watch the changes').click();
  const changes = page.locator('ol.changes li');
  await changes.filter({ hasText: '{"id":1,"name":"wren"}' }).waitFor();
  sql.exec("UPDATE birds SET name = 'robin'; DELETE FROM birds WHERE id = 1");
  await changes.filter({ hasText: 'robin' }).waitFor();
  await changes.filter({ hasText: 'deleted' }).waitFor();
  expect(await changes.first().textContent()).toContain('deleted');

  const id = await page.locator('#rows tr').first().getAttribute('data-id');
  await using other = app.subscribe(READ_CHANGES, { id: String(id) });
  await other.next();
  await page.getByText('The feed has ended, or another reader has taken it over.').waitFor();
  expect(browser.errors).toEqual([]);
  sql.close();
});

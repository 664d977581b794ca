import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useBrowser } from '../support/browser.ts';
import { startWithTokens } from '../support/tokens.ts';

const openBrowser = useBrowser();

const signIn = async (page: Page, token: string) => {
  await page.getByLabel('Token or JWT').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};

test('the jobs page asks for a token, keeps it for the tab, and discards it', async () => {
  await using scene = await startWithTokens();
  await scene.addUser('ann', { privileges: ['VIEWJOB'] });
  const { token, id } = await scene.create(scene.root, { userName: 'ann', scope: 'READ' });
  await using browser = openBrowser();
  const page = await browser.openPage();
  await page.goto(new URL('/', scene.url).href);
  await signIn(page, 'wrong');
  await page.getByText('The server refuses the token: the token is not valid.').waitFor();
  await signIn(page, ` ${token} `);
  await page.locator('#viewer', { hasText: 'ann (READ)' }).waitFor();
  await page.locator('#connection', { hasText: /^Live$/ }).waitFor();
  expect(await page.getByLabel('Token or JWT').isVisible()).toBe(false);
  expect(page.url()).not.toContain(token);
  await page.reload();
  await page.locator('#viewer', { hasText: 'ann (READ)' }).waitFor();
  // The playground of the same tab is signed in too.
  await page.goto(scene.url);
  await page.locator('#viewer', { hasText: 'ann (READ)' }).waitFor();
  await page.goto(new URL('/', scene.url).href);
  await page.locator('#connection', { hasText: /^Live$/ }).waitFor();

  await scene.revoke(scene.root, id);
  await page.getByText('The server refuses the token: the token was revoked.').waitFor();
  await signIn(page, scene.root);
  await page.locator('#viewer', { hasText: /^root$/ }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token or JWT').waitFor();
  expect(await page.evaluate(() => [...Array(sessionStorage.length).keys()].map((n) => sessionStorage.key(n)))).toEqual(
    [],
  );
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('sbx_');
});

// The playground as the program serves it, in a headless Chromium that reaches nothing but this machine.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { open } from './shop.js';

const DEADLINE_MS = 30_000;
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];
/** Editors hold the lines that can be seen: on this page that is all of them. */
const VIEWPORT = { width: 1600, height: 6000 };

let shop, browser, page;
/** What the page complained of, what it could not load, and what it asked of others than the program. */
const complaints = [];
const workers = [];

before(async () => {
  shop = await open();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
  page = await browser.newPage({ viewport: VIEWPORT });
  page.setDefaultTimeout(DEADLINE_MS);
  page.on('worker', (worker) => workers.push(worker.url()));
  page.on('pageerror', (error) => complaints.push(`${error}`));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('console', (message) => {
    // Violations of the policy are among the errors, those of workers too.
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    const isOwn = ['data:', 'blob:'].includes(url.protocol) || url.origin === new URL(shop.page).origin;
    if (!isOwn) complaints.push(`asked for ${url}`);
  });
  await page.goto(shop.page);
});

after(async () => {
  await browser?.close();
  await shop?.stop();
});

const editor = (label) => page.getByLabel(label, { exact: true }).locator('.view-lines').filter({ visible: true });

/** Runs the operation that is open, and gives its answer. */
async function run() {
  const [response] = await Promise.all([page.waitForResponse(/\/graphql$/), page.getByLabel('Execute query').click()]);
  return response.json();
}

/** Waits until an editor shows a text, and says all that it shows, without line ends: they stand in long values too. */
async function shown(label, text) {
  await editor(label).filter({ hasText: text }).waitFor();
  return (await editor(label).innerText()).replaceAll('\u00a0', ' ').replaceAll('\n', '');
}

test('each operation of operations/ is a tab, and the first one is open', async () => {
  const tabs = page.getByRole('tab');
  await tabs.first().waitFor();

  const files = await readdir('../operations');
  assert.equal(await tabs.count(), files.length);
  assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'Welcome');
  await shown('Operation Editor', 'query Welcome');
});

test('whoever sits at this machine sends the staff key, and asks to be explained', async () => {
  const headers = JSON.parse(await shown('Headers', 'x-storefront-staff-key'));

  assert.deepEqual(headers, { 'x-storefront-explain': '1', 'x-storefront-staff-key': shop.staffKey });
});

test('a query is answered, with what it cost and what it ran', async () => {
  await run();
  const answer = JSON.parse(await shown('Result Window', 'statementCount'));

  assert.equal(answer.data.products.nodes.length, 5);
  assert.equal(answer.errors, undefined);
  assert.ok(answer.extensions.cost.actual > 0);
  assert.equal(answer.extensions.explain.statements.length, answer.extensions.explain.statementCount);
});

test('an operation for staff is answered in its tab', async () => {
  await page.getByRole('tab', { name: 'UserOrders' }).click();
  await shown('Operation Editor', 'query UserOrders');
  // For a moment after a change of tabs GraphiQL still names the operation of the other one.
  while ((await run()).errors?.[0].message.includes('no operation named'));

  assert.match(await shown('Result Window', '"users"'), /"email": "/);
});

test('the editor knows the schema: what is misspelt is underlined', async () => {
  await page.getByLabel('New tab').click();
  await editor('Operation Editor').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText('{ storez { nodes { id } } }');

  await page.getByLabel('Operation Editor', { exact: true }).locator('.squiggly-error').first().waitFor();
});

test('after a reload tabs and headers are as they were', async () => {
  const tabs = await page.getByRole('tab').count();
  await page.reload();
  await page.getByRole('tab', { name: 'UserOrders' }).click();

  assert.equal(await page.getByRole('tab').count(), tabs);
  await shown('Headers', 'x-storefront-staff-key');
});

test('nothing was blocked, went wrong, or was asked of another server', async () => {
  assert.ok(workers.some((url) => url.includes('/assets/graphql.worker')), `${workers}`);
  assert.deepEqual(complaints, []);
});

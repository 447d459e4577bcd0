import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/start.ts'
import type { RunningSandbox } from '../../../../runner/connector/index.ts'
import { launchBrowser } from '../../../support/browser.ts'

const page = suite<{ browser: Browser; sandbox: RunningSandbox; tab: Page; problems: string[] }>('page of the sandbox, in a browser')

page.before(async (context) => {
  context.sandbox = await startSandbox({})
  context.browser = await launchBrowser()
  context.problems = []
})
page.after(async ({ browser, sandbox }) => {
  await browser.close()
  await sandbox.close()
})
page.before.each(async (context) => {
  context.tab = await context.browser.newPage()
  context.tab.setDefaultTimeout(10_000)
  context.tab.on('pageerror', (error) => context.problems.push(error.message))
  context.tab.on('console', (message) => message.type() === 'error' && context.problems.push(message.text()))
  await context.tab.goto(context.sandbox.url)
  await context.tab.waitForSelector('body[data-ready]')
})
page.after.each(async ({ tab, problems }) => {
  await tab.close()
  assert.equal(problems.splice(0), [])
})

async function token({ url, settings }: RunningSandbox): Promise<string> {
  const { tenant, client_id, client_secret } = settings as Record<string, string>
  const grant = { grant_type: 'client_credentials', client_id: client_id!, client_secret: client_secret!, scope: `${url}/.default` }
  const answer = await fetch(`${url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(grant) })
  return ((await answer.json()) as { access_token: string }).access_token
}

page('requests appear as they come, with bodies and without credentials', async ({ sandbox, tab }) => {
  const authorization = `Bearer ${await token(sandbox)}`
  await fetch(`${sandbox.url}/api/data/v9.2/accounts`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name: '<b>North Sea</b> Lines' }),
  })
  const entry = tab.locator('#exchanges details', { hasText: '204 POST /api/data/v9.2/accounts' })
  await entry.locator('summary').click()
  const text = await entry.locator('pre').first().textContent()
  assert.match(text!, /"name": "<b>North Sea<\/b> Lines"/)
  assert.match(text!, /authorization: •••/)
  const all = await tab.locator('body').textContent()
  assert.not.match(all!, /sbx-(?:at|rt|secret)-\w/)
})

page('rows of the chosen table, by keyboard alone', async ({ tab }) => {
  await tab.locator('#table').focus()
  // Tables without rows come last, and account is the first of those with some.
  await tab.keyboard.press('End')
  await tab.locator('#rows caption').waitFor()
  await tab.keyboard.press('Home')
  await tab.locator('#rows td', { hasText: 'North Sea' }).first().waitFor()
  await tab.keyboard.press('Tab')
  assert.is(await tab.evaluate('document.activeElement.id'), 'reload')
})

page('a fault is ordered, met, and taken back', async ({ sandbox, tab }) => {
  await tab.selectOption('#fault-kind', 'status')
  await tab.fill('#fault [name=path]', 'WhoAmI')
  await tab.click('#fault button')
  await tab.locator('#fault-list li', { hasText: 'status' }).waitFor()
  const authorization = `Bearer ${await token(sandbox)}`
  const ask = () => fetch(`${sandbox.url}/api/data/v9.2/WhoAmI()`, { headers: { authorization } })
  assert.is((await ask()).status, 503)
  await tab.click('#fault-list button')
  await tab.locator('#fault-list li').waitFor({ state: 'detached' })
  assert.is((await ask()).status, 200)
})

page('switches and sign-ins are changed', async ({ sandbox, tab }) => {
  await tab.selectOption('select[aria-label=null_property_status]', '200')
  await tab.locator('#message', { hasText: 'null_property_status is 200' }).waitFor()
  const known = (await (await fetch(`${sandbox.url}/sandbox/switches`)).json()) as { switches: { name: string; value: unknown }[] }
  assert.is(known.switches.find(({ name }) => name === 'null_property_status')?.value, 200)
  await tab.click('button[data-order="consent/revoke"]')
  await tab.locator('#clients td', { hasText: 'revoked' }).first().waitFor()
})

page.run()

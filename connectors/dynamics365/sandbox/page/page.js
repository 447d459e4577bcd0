// The sandbox's page: shows tables, requests as they come, sign-ins, faults and switches, and changes them over the control interface.

const $ = (id) => document.getElementById(id)

/** An element with properties and children; text is never read as markup. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children.filter((child) => child !== undefined && child !== null))
  return made
}

function say(text) {
  $('message').textContent = text
}

async function ask(path, method = 'GET', body = undefined) {
  const answer = await fetch(`/sandbox/${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return JSON.parse(text)
}

/** What fails is said, and the page goes on. */
const guarded =
  (work) =>
  async (...args) => {
    try {
      await work(...args)
    } catch (error) {
      say(error.message)
    }
  }

function fill(table, heads, rows) {
  const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)))
  table.replaceChildren(element('thead', {}, head), element('tbody', {}, ...rows))
}

const showTables = guarded(async () => {
  const { tables } = await ask('tables')
  const chosen = $('table').value
  $('table').replaceChildren(...tables.map(({ name, set, rows }) => element('option', { value: set }, `${name} (${rows})`)))
  if (tables.some(({ set }) => set === chosen)) $('table').value = chosen
  else if (tables.some(({ set }) => set === 'accounts')) $('table').value = 'accounts'
  await showRows()
})

async function showRows() {
  const { rows, columns } = await ask(`tables/${$('table').value}/rows`)
  const cells = (row) => columns.map((column) => element('td', { title: String(row[column] ?? '') }, String(row[column] ?? '')))
  fill(
    $('rows'),
    columns,
    rows.map((row) => element('tr', {}, ...cells(row))),
  )
  if (rows.length === 0) $('rows').append(element('caption', {}, 'This table has no rows.'))
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

const headerText = (headers) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

function showExchange(exchange) {
  $('no-requests').hidden = true
  const { method, path, status, ms, requestHeaders, requestBody, answerHeaders, answerBody } = exchange
  const summary = element('summary', { className: status >= 400 ? 'failed' : '' }, `${status} ${method} ${path} (${ms} ms)`)
  const details = element('details', {}, summary)
  details.addEventListener(
    'toggle',
    () =>
      details.append(
        element('h3', {}, 'Request'),
        element('pre', { tabIndex: 0 }, `${headerText(requestHeaders)}\n\n${pretty(requestBody)}`),
        element('h3', {}, 'Answer'),
        element('pre', { tabIndex: 0 }, `${headerText(answerHeaders)}\n\n${pretty(answerBody)}`),
      ),
    { once: true },
  )
  $('exchanges').prepend(element('li', {}, details))
  while ($('exchanges').children.length > 200) $('exchanges').lastChild.remove()
}

const showSignIns = guarded(async () => {
  const { user, now, clients, refreshTokens, accessTokens } = await ask('sign-ins')
  const dead = refreshTokens.filter((token) => token.dead !== null).length
  $('sign-in-summary').textContent =
    `${user}. ${refreshTokens.length} refresh tokens (${dead} dead), ${accessTokens} access tokens in force. The sandbox's time is ${now}.`
  fill(
    $('clients'),
    ['Client', 'Name', 'Kind', 'Consent'],
    clients.map(({ clientId, name, kind, consented }) =>
      element('tr', {}, ...[clientId, name, kind, consented ? 'given' : 'revoked'].map((text) => element('td', {}, text))),
    ),
  )
})

let kinds = {}

const showFaults = guarded(async () => {
  const known = await ask('faults')
  kinds = known.kinds
  if ($('fault-kind').children.length === 0) $('fault-kind').append(...Object.keys(kinds).map((kind) => element('option', {}, kind)))
  describeFault()
  const remove = (id) =>
    guarded(async () => {
      await ask(`faults/${id}`, 'DELETE')
      await showFaults()
    })
  $('fault-list').replaceChildren(
    ...known.faults.map(({ id, fault, fields, seen }) => {
      const button = element('button', { type: 'button', onclick: remove(id) }, 'Remove')
      return element('li', {}, `${fault} ${JSON.stringify(fields)}, met ${seen} times `, button)
    }),
  )
})

function describeFault() {
  $('fault-about').textContent = kinds[$('fault-kind').value]?.about ?? ''
}

const showSwitches = guarded(async () => {
  const { switches } = await ask('switches')
  const choose = (name) => (event) =>
    guarded(async () => {
      await ask('switches', 'POST', { [name]: event.target.value })
      say(`${name} is ${event.target.value}.`)
    })()
  fill(
    $('switch-list'),
    ['Switch', 'Value', 'What it changes', 'Facts'],
    switches.map(({ name, about, sheet, values, value }) => {
      const options = values.map((one) => element('option', { selected: one === value }, String(one)))
      const select = element('select', { onchange: choose(name), ariaLabel: name }, ...options)
      return element('tr', {}, ...[name, select, about, sheet].map((cell) => element('td', {}, cell)))
    }),
  )
})

$('table').addEventListener('change', guarded(showRows))
$('reload').addEventListener('click', showTables)
$('fault-kind').addEventListener('change', describeFault)

for (const button of document.querySelectorAll('[data-order]'))
  button.addEventListener(
    'click',
    guarded(async () => {
      say(`${button.textContent}: ${JSON.stringify(await ask(button.dataset.order, 'POST', {}))}`)
      await showSignIns()
    }),
  )

$('fault').addEventListener('submit', (event) => {
  event.preventDefault()
  const { fault, path, times } = Object.fromEntries(new FormData(event.target))
  guarded(async () => {
    await ask('faults', 'POST', { fault, ...(path && { path }), ...(times && { times: Number(times) }) })
    say(`${fault} is ordered.`)
    await showFaults()
  })()
})

$('limits').addEventListener('submit', (event) => {
  event.preventDefault()
  const { limits } = Object.fromEntries(new FormData(event.target))
  guarded(async () => {
    await ask('limits', 'POST', { limits })
    say(`Limits: ${limits}.`)
  })()
})

const { exchanges } = await ask('log')
for (const exchange of exchanges) showExchange(exchange)
new EventSource('/sandbox/events').addEventListener('message', ({ data }) => showExchange(JSON.parse(data)))
await Promise.all([showTables(), showSignIns(), showFaults(), showSwitches()])
document.body.dataset.ready = 'yes'

import { createHash } from 'node:crypto'
import type { SignInResult } from './way.ts'

/** What the browser shows a person at the end of a sign-in. */
export interface Page {
  /** HTTP status. */
  status: number
  title: string
  /** One paragraph each. */
  text: string[]
  /** Colour above the title, which says the same. */
  tone: 'good' | 'bad' | 'plain'
}

const back = 'You may close this window and go back to the terminal.'
const again = 'Go back to the terminal to start again.'

export const pages = {
  waiting: plain(200, 'Waiting for your sign-in', 'Go on in the window where you sign in. Nothing has come back from there yet.'),
  stopped: bad('The sign-in was stopped', 'Nobody was signed in, and nothing was changed.', again),
  answered: plain(409, 'Answered already', 'The answer to this sign-in came before, from another window. Look there, or in the terminal.'),
  notAwaited: plain(400, 'Not the sign-in that is waited for', 'This address belongs to another sign-in, or to none. Nothing was done.'),
  nothing: plain(404, 'Nothing is here', 'A sign-in of the runner ends at another address of this machine.'),
  notAllowed: plain(405, 'Nothing was done', 'A sign-in comes back as a page that a browser opens, and in no other way.'),
  otherHost: plain(421, 'Nothing is here', 'This address is only for the browser of this machine.'),
}

/** @param name of the connection */
export function signedIn(name: string, { who, insteadOf }: SignInResult): Page {
  return {
    status: 200,
    title: 'You are signed in',
    tone: 'good',
    text: [
      `The connection “${name}” now works${who === undefined ? '' : ` as ${who}`}.`,
      ...(insteadOf === undefined ? [] : [`Mind: before, ${insteadOf} had signed in. From now on everything is done in the new name.`]),
      back,
    ],
  }
}

/** @param why without secrets */
export function failed(why: string): Page {
  return bad('You are not signed in', why, again)
}

function plain(status: number, title: string, ...text: string[]): Page {
  return { status, title, text, tone: 'plain' }
}

function bad(title: string, ...text: string[]): Page {
  return { status: 400, title, text, tone: 'bad' }
}

const style = `
:root { color-scheme: light dark; --good: light-dark(#0a6b2d, #6fdc8c); --bad: light-dark(#a4161a, #ff9a9a); --plain: light-dark(#3b4a5a, #b8c4d0) }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.0625rem/1.6 system-ui, sans-serif; background: light-dark(#f3f5f7, #14181c); color: light-dark(#1b2024, #e8ecef) }
main { box-sizing: border-box; width: min(38rem, 100vw - 2rem); margin: 1rem; padding: 2rem 2.25rem; border-radius: .75rem; border-top: .375rem solid; background: light-dark(#fff, #1f252b); overflow-wrap: anywhere }
main.good { border-color: var(--good) } main.bad { border-color: var(--bad) } main.plain { border-color: var(--plain) }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.3 }
p { margin: .5rem 0 } footer { margin-top: 1.5rem; font-size: .875rem; color: var(--plain) }
`

/** Nothing but this page's own style is loaded; nobody frames it, keeps it, or learns its address. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export function toHtml({ title, text, tone }: Page): string {
  const paragraphs = text.map((one) => `<p>${escaped(one)}</p>`).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} - runner</title>
<style>${style}</style>
</head>
<body>
<main class="${tone}">
<h1>${escaped(title)}</h1>
${paragraphs}
<footer>runner</footer>
</main>
</body>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

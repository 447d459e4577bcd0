import { html } from 'hono/html'
import type { Reply } from './authorize.ts'
import type { AuthorizationCode } from './directory.ts'

type Page = ReturnType<typeof html>

function page(title: string, body: Page): Page {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}button,input{font:inherit;padding:.5rem 1rem}</style></head>
<body><h1>${title}</h1>${body}</body>
</html>`
}

/** What stands in the form to begin with: nobody has to look a password up. */
export interface SignInForm {
  userName: string
  password: string
  /** Permissions that the person must agree to; undefined when that was done before. */
  asks: readonly string[] | undefined
  /** Why it is shown again. */
  refused?: string
}

/** The form goes back to the very address it came from, so the whole request travels with it. */
export function signInPage({ clientId, redirectUri }: AuthorizationCode, { userName, password, asks, refused }: SignInForm): Page {
  const consent =
    asks && html`<p>It asks for permissions that you have not given it yet:</p><ul>${asks.map((one) => html`<li>${one}</li>`)}</ul>`
  return page(
    'Sandbox sign-in',
    html`<p>The app ${clientId} asks for access. The answer goes to ${redirectUri}.</p>${consent ?? ''}
<form method="post">${refused ? html`<p role="alert"><strong>${refused}</strong></p>` : ''}
<p><label>User name <input name="username" value="${userName}" size="32" autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" value="${password}" autocomplete="current-password"></label></p>
<button name="decision" value="sign_in" autofocus>${asks ? 'Accept, and sign in' : 'Sign in'}</button>
<button name="decision" value="cancel" formnovalidate>Cancel</button></form>`,
  )
}

export function devicePage(userName: string): Page {
  return page(
    'Enter code',
    html`<form method="post"><p><label>Code shown on your device <input name="code" autocomplete="off" autofocus required></label></p>
<button name="decision" value="sign_in">Sign in as ${userName}</button>
<button name="decision" value="cancel">Cancel</button></form>`,
  )
}

export function messagePage(text: string): Page {
  return page('Sandbox sign-in', html`<p>${text}</p>`)
}

export function errorPage(description: string): Page {
  return page("Sorry, but we're having trouble signing you in.", html`<p>${description}</p>`)
}

/** `response_mode=form_post`: the browser posts the answer to the redirect. */
export function formPostPage({ redirectUri }: Reply, fields: Record<string, string>): Page {
  const inputs = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  return page(
    'Working…',
    html`<form method="post" action="${redirectUri}">${inputs}<button>Continue</button></form><script>document.forms[0].submit()</script>`,
  )
}

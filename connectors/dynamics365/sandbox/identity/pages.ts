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

/**
 * The form goes back to the very address it came from, so the whole request travels with it.
 * @param asks permissions that the person must agree to; undefined when that was done before
 */
export function signInPage(userName: string, { clientId, redirectUri }: AuthorizationCode, asks: readonly string[] | undefined): Page {
  const consent =
    asks && html`<p>It asks for permissions that you have not given it yet:</p><ul>${asks.map((one) => html`<li>${one}</li>`)}</ul>`
  return page(
    'Sandbox sign-in',
    html`<p>The app ${clientId} asks for access. The answer goes to ${redirectUri}.</p>${consent ?? ''}
<form method="post"><button name="decision" value="sign_in" autofocus>${asks ? 'Accept, and sign' : 'Sign'} in as ${userName}</button>
<button name="decision" value="cancel">Cancel</button></form>`,
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

import { html } from 'hono/html'

/** The frame of the page; `page.js` fills it. */
export function page() {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dynamics 365 sandbox</title>
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<a class="skip" href="#tables">Skip to tables</a>
<header>
<h1>Dynamics 365 sandbox</h1>
<nav aria-label="Sections">
<a href="#tables">Tables</a> <a href="#requests">Requests</a> <a href="#sign-ins">Sign-ins</a> <a href="#faults">Faults</a> <a href="#switches">Switches</a>
</nav>
</header>
<main>
<p id="message" role="status" aria-live="polite"></p>
<section id="tables" aria-labelledby="tables-title">
<h2 id="tables-title">Tables</h2>
<label>Table <select id="table"></select></label>
<button type="button" id="reload">Reload</button>
<div class="scroll" tabindex="0" aria-label="Rows"><table id="rows"></table></div>
</section>
<section id="requests" aria-labelledby="requests-title">
<h2 id="requests-title">Requests</h2>
<p id="no-requests">None so far. Whatever is asked of the Web API and of the token endpoints appears here.</p>
<ol id="exchanges" reversed></ol>
</section>
<section id="sign-ins" aria-labelledby="sign-ins-title">
<h2 id="sign-ins-title">Sign-ins</h2>
<p id="sign-in-summary"></p>
<table id="clients"></table>
<p>
<button type="button" data-order="refresh-tokens/kill">Kill refresh tokens</button>
<button type="button" data-order="refresh-tokens/revive">Revive refresh tokens</button>
<button type="button" data-order="access-tokens/expire">Expire access tokens</button>
<button type="button" data-order="consent/revoke">Revoke consent</button>
</p>
</section>
<section id="faults" aria-labelledby="faults-title">
<h2 id="faults-title">Faults and limits</h2>
<form id="fault">
<label>Fault <select name="fault" id="fault-kind"></select></label>
<label>Path contains <input name="path" placeholder="accounts"></label>
<label>Times <input name="times" type="number" min="1" placeholder="all"></label>
<button>Add</button>
</form>
<p id="fault-about"></p>
<ul id="fault-list"></ul>
<form id="limits"><label>Limits <input name="limits" placeholder="real, off, or requests=60,window=3s"></label> <button>Set</button></form>
</section>
<section id="switches" aria-labelledby="switches-title">
<h2 id="switches-title">Switches</h2>
<p>How the sandbox answers where the documentation is uncertain.</p>
<table id="switch-list"></table>
</section>
</main>
</body>
</html>`
}

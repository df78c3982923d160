import {escaped} from './self-contained.js'

/** The page of a papertrail add-on: a search box over the app's log, which goes on by itself, and what is saved. It needs nothing from elsewhere. */
export function papertrailPage(app: string, searches: {name: string; query: string}[]): string {
  const saved = searches.map(one => `<li><a href="#${escaped(encodeURIComponent(one.query))}">${escaped(one.name)}</a></li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(app)} | Papertrail</title>
<style>
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #222; background: #fff }
form { position: sticky; top: 0; display: flex; gap: .5em; padding: .7em 1em; background: #f4f4f7; border-bottom: 1px solid #ddd }
input { flex: 1; font: inherit; padding: .3em .6em }
button { font: inherit; padding: .3em 1em }
ul { display: flex; flex-wrap: wrap; gap: 1em; list-style: none; margin: 0; padding: .5em 1em }
ol { list-style: none; margin: 0; padding: 0 1em 2em; font: 12px/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
time { color: #777 } b { font-weight: normal; color: #6762a6 } #fault { color: #b00; padding: 0 1em }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1f } form { background: #26262c; border-color: #444 } b { color: #a9a4e8 } a { color: #8ab4f8 } }
</style>
</head>
<body>
<form>
<input name="q" type="search" placeholder="(error OR program:router) -&quot;all is well&quot;" aria-label="Search the log of ${escaped(app)}" autofocus>
<button>Search</button>
<label><input name="live" type="checkbox" checked> live</label>
</form>
<ul>${saved.join('')}</ul>
<p id="fault" role="alert"></p>
<ol aria-label="Events"></ol>
<script>
${script}
</script>
</body>
</html>
`
}

/** A query is the fragment of the address, so that it can be kept as a bookmark. */
const script = `
const form = document.forms[0], list = document.querySelector('ol'), fault = document.querySelector('#fault')
let last = '', turn = 0
function line(event) {
  const item = document.createElement('li'), time = document.createElement('time'), program = document.createElement('b')
  time.textContent = event.received_at.slice(0, 19).replace('T', ' ')
  program.textContent = event.program
  item.append(time, ' ', program, ': ', event.message)
  return item
}
async function fetchEvents(mine) {
  // What is new is wanted whole, however fast it comes.
  const wanted = new URLSearchParams({q: form.q.value, limit: last ? '5000' : '500'})
  if (last) wanted.set('min_id', last)
  const answer = await fetch(location.pathname.replace(/\\/$/, '') + '/events.json?' + wanted)
  const json = await answer.json()
  if (mine !== turn) return
  fault.textContent = answer.ok ? '' : json.message
  if (!answer.ok) return
  const below = innerHeight + scrollY >= document.body.scrollHeight - 40
  list.append(...json.events.map(line))
  while (list.children.length > 5000) list.firstChild.remove()
  last = json.max_id || last || '0'
  if (below) scrollTo(0, document.body.scrollHeight)
}
async function search() {
  const mine = ++turn
  last = ''
  list.replaceChildren()
  scrollTo(0, document.body.scrollHeight)
  while (mine === turn) {
    if (!last || form.live.checked) await fetchEvents(mine).catch(error => { fault.textContent = error.message })
    await new Promise(resolve => setTimeout(resolve, 2000))
  }
}
function byAddress() {
  const hash = location.hash.slice(1)
  try { form.q.value = decodeURIComponent(hash) } catch { form.q.value = hash }
  search()
}
form.addEventListener('submit', event => {
  event.preventDefault()
  const hash = '#' + encodeURIComponent(form.q.value)
  if (location.hash === hash) search()
  else location.hash = hash
})
addEventListener('hashchange', byAddress)
byAddress()
`

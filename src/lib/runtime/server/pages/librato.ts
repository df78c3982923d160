import {escaped} from './self-contained.js'

/** The page of a librato add-on: what its app's log measures, drawn over time. It needs nothing from elsewhere. */
export function libratoPage(app: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(app)} | Librato</title>
<style>
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #222; background: #fff }
header { display: flex; gap: 1em; align-items: baseline; padding: .7em 1em; background: #f4f4f7; border-bottom: 1px solid #ddd }
h1 { font-size: 1.1em; margin: 0; flex: 1 } h2 { font-size: .95em; margin: 0 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(22em, 1fr)); gap: 1em; padding: 1em }
section { border: 1px solid #ddd; border-radius: 4px; padding: .6em .8em } p { margin: 0; color: #777 }
svg { display: block; width: 100%; height: 90px } path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke }
#fault { color: #b00; padding: 0 1em }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1f } header { background: #26262c; border-color: #444 } section { border-color: #444 } p { color: #999 } }
</style>
</head>
<body>
<header><h1>${escaped(app)}</h1><label>last <select>
<option value="1">hour</option><option value="3" selected>3 hours</option><option value="24">day</option><option value="72">3 days</option>
</select></label></header>
<p id="fault" role="alert"></p>
<main></main>
<script>
${script}
</script>
</body>
</html>
`
}

const script = `
const main = document.querySelector('main'), fault = document.querySelector('#fault'), hours = document.querySelector('select')
const make = (name, attributes = {}) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}
/** Which numbers of a point are drawn, and how. */
const drawn = series => series.kind === 'count' ? [['sum', '#6762a6']] : series.kind === 'sample' ? [['max', '#c9c6e8'], ['p50', '#6762a6']]
  : [['p99', '#d9b3b3'], ['p95', '#c66'], ['p50', '#6762a6']]
function chart(series, from, to) {
  const section = document.createElement('section'), title = document.createElement('h2'), text = document.createElement('p')
  const svg = make('svg', {viewBox: '0 0 100 100', preserveAspectRatio: 'none', role: 'img', 'aria-label': series.name})
  const lines = drawn(series), top = Math.max(...series.points.flatMap(point => lines.map(([key]) => point[key])), 0) || 1
  for (const [key, color] of lines) {
    let path = '', last = 0
    for (const point of series.points) {
      const x = (point.at - from) / (to - from) * 100, y = 98 - point[key] / top * 96
      path += (last && point.at - last <= series.resolution ? 'L' : 'M') + x.toFixed(2) + ' ' + y.toFixed(2) + 'h.3'
      last = point.at
    }
    svg.append(make('path', {d: path, stroke: color}))
  }
  title.textContent = series.name
  const total = series.points.reduce((sum, point) => sum + point.sum, 0), latest = series.points.at(-1)
  text.textContent = series.kind === 'count' ? total + ' in all, at most ' + top + ' in ' + series.resolution / 60 + ' min'
    : lines.map(([key]) => key + ' ' + latest[key] + series.unit).reverse().join(', ') + ' at last, at most ' + top + series.unit
  section.append(title, svg, text)
  return section
}
let turn = 0
async function show() {
  const mine = ++turn
  while (mine === turn) {
    try {
      const answer = await fetch(location.pathname.replace(/\\/$/, '') + '/metrics.json?hours=' + hours.value)
      const found = await answer.json(), to = Date.now() / 1000, from = to - hours.value * 3600
      if (mine !== turn) return
      fault.textContent = !answer.ok ? found.message : found.length ? '' : 'Nothing was measured: no requests, and no count#, measure# or sample# in the log.'
      if (answer.ok) main.replaceChildren(...found.map(series => chart(series, from, to)))
    } catch (error) { fault.textContent = error.message }
    await new Promise(resolve => setTimeout(resolve, 30000))
  }
}
hours.addEventListener('change', show)
show()
`

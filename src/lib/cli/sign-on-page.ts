import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'

/** A page, readable by this user alone, that posts a form as soon as a browser opens it; its URL. Signing on takes a POST, and a browser is opened with a GET. */
export async function signOnPage(action: string, form: Record<string, string>): Promise<string> {
  const fields = Object.entries(form).map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Opening ${escaped(new URL(action).host)}</title>
<body onload="document.forms[0].submit()">
<form method="POST" action="${escaped(action)}">
${fields.join('\n')}
<noscript><button>Continue</button></noscript>
</form>
`
  const file = join(await mkdtemp(join(tmpdir(), 'hokku-sso-')), 'sso.html')
  await writeFile(file, page, {mode: 0o600})
  return pathToFileURL(file).href
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

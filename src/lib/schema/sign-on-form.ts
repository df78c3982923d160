/** A page that posts a form as soon as a browser opens it: signing on takes a POST, and a browser is opened with a GET. */
export function signOnForm(action: string, fields: Record<string, string>): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Opening ${escaped(new URL(action).host)}</title>
<body onload="document.forms[0].submit()">
<form method="POST" action="${escaped(action)}">
${inputs.join('\n')}
<noscript><button>Continue</button></noscript>
</form>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

/** Opens a URL with the system's own opener; false when there is none or it fails. */
export async function openBrowser(url: string, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  const {execa} = await import('execa')
  const [program, ...args] = opener(platform)
  return execa(program, [...args, url], {stdio: 'ignore', timeout: 10_000}).then(
    () => true,
    () => false,
  )
}

function opener(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open']
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open']
}

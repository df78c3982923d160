import semver from 'semver'

/** Composer's constraint as a range of npm's kind; undefined when it is not one. `~8.2` is Composer's `>=8.2 <9`; `!=` excludes nothing here. */
export function toRange(constraint: string): string | undefined {
  const alternatives = constraint.replace(/@\w+/g, '').split(/\s*\|\|?\s*/)
  const ranges = alternatives.map(alternative =>
    alternative
      .trim()
      .replace(/\s+-\s+/g, ' - ')
      .replace(/\s*,\s*/g, ' ')
      .replace(/(?:!=|<>)\s*\S+/g, '')
      .replace(/==/g, '=')
      .replace(/-dev\b/g, '')
      .replace(/~\s*v?(\d+)\.(\d+)(?![.\d])/g, (_, major: string, minor: string) => `>=${major}.${minor}.0 <${Number(major) + 1}.0.0`)
      // An exact `8.2` is Composer's 8.2.0; nobody who writes it means that.
      .replace(/(\d+\.\d+\.\d+)\.\d+/g, '$1'),
  )
  return semver.validRange(ranges.join(' || '), {loose: true}) ?? undefined
}

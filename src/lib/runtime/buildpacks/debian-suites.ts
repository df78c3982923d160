import type {DebianPackages} from './buildpack.js'

/**
 * Shell functions for root. `sources_of SUITE` copies apt's sources with another suite in them, so that whatever mirror the image has is
 * used; `apt_of SUITE apt-get …` works on those alone. sid has no security suite. That its list may be past its date is no objection:
 * stable's has no date at all, and mirrors that stand still are common.
 */
export const suiteFunctions = [
  'own=$(. /etc/os-release; echo "$VERSION_CODENAME")',
  `apt_of() { local at=/tmp/suites/$1; shift; "$1" -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$at/parts -o Dir::State::lists=$at/lists -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false "\${@:2}"; }`,
  'stable_sources() { sed -E "s/\\b$own\\b/$1/g" "$2" > "$3"; }',
  `sid_sources() { sed -E "s/\\b$own-[a-z-]+//g; s/\\b$own\\b/$1/g" "$2" | sed -E '/^deb(-src)? [^ ]+ +(main|contrib|non-free|non-free-firmware)\\b/d' | awk 'BEGIN {RS=""; ORS="\\n\\n"} !/(^|\\n)Suites: *(\\n|$)/' > "$3"; }`,
  'sources_of() { local at=/tmp/suites/$1 kind=stable_sources file; if [ "$1" = sid ]; then kind=sid_sources; fi; mkdir -p $at/parts $at/lists/partial; for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do if [ -s "$file" ]; then $kind "$1" "$file" "$at/parts/$(basename "$file")"; fi; done; }',
]

/**
 * Shell lines for root that print `bookworm ruby3.1 3.1.2-7` for each of the packages. A suite that the mirror has not is left out; one
 * whose list cannot be fetched is a failure, for else everything in it would seem not to exist.
 */
export function listPackages(suite: string, names: string): string[] {
  return [
    `sources_of ${suite}`,
    `if said=$(apt_of ${suite} apt-get -o APT::Update::Error-Mode=any update 2>&1); then apt_of ${suite} apt-cache madison ${names} | awk -v suite=${suite} '{print suite, $1, $3}'; else grep -q 'does not have a Release file' <<< "$said" || { echo "$said" >&2; false; }; fi`,
  ]
}

/** Shell lines for root: installs while apt has another suite beside its own. The packages named come from there, others only if they must. */
export function withSuite({suite, packages}: NonNullable<DebianPackages['from']>, install: string[]): string[] {
  const preferences = [`Package: *\\nPin: release n=${suite}*\\nPin-Priority: 100`]
  preferences.push(`Package: ${packages.join(' ')}\\nPin: release n=${suite}*\\nPin-Priority: 1001`)
  return [
    ...suiteFunctions,
    `sources_of ${suite}`,
    `for file in /tmp/suites/${suite}/parts/*; do cp "$file" "/etc/apt/sources.list.d/${suite}-$(basename "$file")"; done`,
    `printf '${preferences.join('\\n\\n')}\\n' > /etc/apt/preferences.d/${suite}`,
    'apt-get -o Acquire::Check-Valid-Until=false update',
    ...install,
    `rm -rf /tmp/suites /etc/apt/sources.list.d/${suite}-* /etc/apt/preferences.d/${suite}`,
  ]
}

/** Debian's suites with JDKs that run on the stack, in the order in which they are looked into: the stack's own, older ones, unstable. */
export const otherSuites = ['bookworm', 'bullseye', 'sid']

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

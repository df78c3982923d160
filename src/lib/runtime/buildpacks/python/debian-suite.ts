/** Shell lines, as root: `$apt` and `$cache` are apt-get and apt-cache of another Debian release, from the mirrors the image uses. */
export function useSuite(suite: string): string[] {
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    'Dir::Etc::SourceParts=/tmp/suite/sources',
    'Dir::State::Lists=/tmp/suite/lists',
    'Dir::Cache=/tmp/suite/cache',
    // The base was made for that release's successor or predecessor only.
    'Dir::State::status=/dev/null',
    'APT::Sandbox::User=root',
    // Signatures are checked all the same. Mirrors lag, and a release that is no longer supported is not signed anew.
    'Acquire::Check-Valid-Until=false',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    'APT::Update::Error-Mode=any',
  ]
  const given = options.map(option => `-o ${option}`).join(' ')
  return [
    'mkdir -p /tmp/suite/sources /tmp/suite/lists/partial /tmp/suite/cache/archives/partial',
    `for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do if [ -f "$list" ]; then sed 's/trixie/${suite}/g' "$list" > "/tmp/suite/sources/\${list##*/}"; fi; done`,
    // The one file whose name apt does not take in that folder.
    'if [ -f /tmp/suite/sources/sources.list ]; then mv /tmp/suite/sources/sources.list /tmp/suite/sources/suite.list; fi',
    `apt="apt-get -qq ${given}"`,
    `cache="apt-cache ${given}"`,
    '$apt update',
  ]
}

/** The other names of one of Heroku's buildpacks: its URN, its git repository at any ref, its tarball in the registry. */
export function aliasesOf(name: string, repository: string): RegExp[] {
  return [
    new RegExp(`^urn:buildpack:${name}$`),
    new RegExp(`^https://github\\.com/heroku/${repository}(\\.git)?(#.*)?$`),
    new RegExp(`^https://buildpack-registry\\.s3\\.amazonaws\\.com/buildpacks/${name}\\.tgz$`),
  ]
}

/** Names of what we make in the engine. `home` is the home's id: two homes on one engine never share a name. */
export interface EngineNames {
  network(appId: string): string
  dyno(appName: string, dyno: string, version: number): string
  addonContainer(addonName: string): string
  addonVolume(addonId: string): string
  addonArchive(addonId: string): string
  router: string
  /** Tag of an app's newest slug image. */
  slugTag(appName: string): string
  /** Tag that stays with one slug image: what has none is swept away by `docker image prune`. `mark` is any short word of its own. */
  keptSlugTag(appName: string, mark: string): string
  /** Tag of the newest image of a process type of the container stack: as it runs, or as its Dockerfile made it. */
  imageTag(appName: string, type: string, what: 'launchable' | 'built'): string
}

export function engineNames(home: string): EngineNames {
  const mark = home.slice(0, 8)
  return {
    network: appId => `hokku-${mark}-${appId.slice(0, 13)}`,
    dyno: (appName, dyno, version) => `hokku-${mark}-${appName}.${dyno}.v${version}`,
    addonContainer: addonName => `hokku-${mark}-${addonName}`,
    addonVolume: addonId => `hokku-${mark}-${addonId}`,
    addonArchive: addonId => `hokku-${mark}-${addonId}-archive`,
    router: `hokku-${mark}-router`,
    slugTag: appName => `hokku-${mark}/${appName}:latest`,
    keptSlugTag: (appName, own) => `hokku-${mark}/${appName}:slug-${own}`,
    imageTag: (appName, type, what) => `hokku-${mark}/${appName}:${what === 'built' ? 'built' : 'type'}-${type}`,
  }
}

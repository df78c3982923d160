const root = '/app/.apt'
const triplets = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
const libraries = [
  `${root}/usr/lib`,
  `${root}/lib`,
  ...triplets.flatMap(triplet => [`${root}/usr/lib/${triplet}`, `${root}/lib/${triplet}`]),
]
const headers = [`${root}/usr/include`, ...triplets.map(triplet => `${root}/usr/include/${triplet}`)]

export const aptPath = [`${root}/usr/bin`, `${root}/usr/sbin`, `${root}/bin`]

/** For later buildpacks. */
export const aptEnv: Record<string, string> = {
  LD_LIBRARY_PATH: libraries.join(':'),
  LIBRARY_PATH: libraries.join(':'),
  INCLUDE_PATH: headers.join(':'),
  CPATH: headers.join(':'),
  CPPPATH: headers.join(':'),
  PKG_CONFIG_PATH: [...libraries.map(folder => `${folder}/pkgconfig`), `${root}/usr/share/pkgconfig`].join(':'),
}

/** `.profile.d/000_apt.sh`: first, so that what comes after may use it; the user's own values stay. */
export const aptProfile = [
  `export PATH="${aptPath.join(':')}:$PATH"`,
  ...Object.entries(aptEnv).map(([name, value]) => `export ${name}="${value}\${${name}:+:$${name}}"`),
  '',
].join('\n')

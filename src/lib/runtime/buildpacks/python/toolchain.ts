import type {Toolchain} from '../buildpack.js'
import {useSuite} from './debian-suite.js'
import type {PythonLine} from './python-releases.js'
import {managerVersion, setuptoolsVersion} from './python-releases.js'

/** The interpreter and its standard library; apps have a virtual environment of it at `pythonHome`. */
export const interpreterHome = '/usr/local/heroku/cpython'
export const buildFiles = '/usr/local/heroku-build/cpython'
/** Where Heroku's Python is, and the app's packages. */
export const pythonHome = '/app/.heroku/python'
/** libpython, for programs that embed it; nothing else is in there. */
export const pythonLibraries = '/app/.heroku/cpython/lib'
/** en_US.UTF-8, which Heroku's stacks have: `locale.setlocale(locale.LC_ALL, '')` fails where LANG names none. */
export const locales = '/app/.heroku/cpython/locale'
export const pipenvHome = '/app/.heroku/pipenv'

/** Where a manager's `bin` is. */
export function managerHome(name: 'pipenv' | 'poetry' | 'uv'): string {
  return name === 'pipenv' ? pipenvHome : `/usr/local/heroku-build/${name}`
}

/** Of Debian 13, whichever release the interpreter comes from. */
const libraries = ['libdb5.3t64', 'libexpat1', 'libncursesw6', 'libnsl2', 'libreadline8t64', 'libtirpc3t64', 'libuuid1', 'libzstd1']

/** CPython unpacked into a folder of its own, out of the way of Debian's; headers in build images only. */
export function pythonToolchain({line, suite, libraries: own}: PythonLine, version: string): Toolchain {
  const packages = [`python${line}-minimal`, `python${line}`, ...['-minimal', '-stdlib', '', '-dev'].map(part => `libpython${line}${part}`)]
  return {
    name: 'cpython',
    debian: {run: [...libraries, 'media-types', 'netbase'], build: []},
    downloads: [],
    install: [
      `: Python ${version}`,
      ...useSuite(suite),
      'mkdir -p /tmp/debs /tmp/root && cd /tmp/debs',
      `$apt download ${[...packages, ...own].join(' ')}`,
      'for deb in *.deb; do dpkg -x "$deb" /tmp/root; done',
      ...arranged(line),
      ...linked(line),
      ...usable(line),
      ...withPip(line),
      `mkdir -p /out/run /out/build && mv ${interpreterHome} /out/run/cpython && mv ${buildFiles} /out/build/cpython`,
    ],
  }
}

/** The tree of an interpreter below `interpreterHome`; what says /usr in it says the folder instead. */
function arranged(line: string): string[] {
  const lib = `${interpreterHome}/lib`
  return [
    `mkdir -p ${interpreterHome}/bin ${lib}/own ${buildFiles}`,
    `mv /tmp/root/usr/lib/python${line} ${lib}/`,
    `mv /tmp/root/usr/lib/*-linux-gnu/libpython${line}.so* ${lib}/`,
    `find /tmp/root -name 'lib*.so*' -not -path '*/python*' '(' -type f -o -type l ')' -exec mv '{}' ${lib}/own/ ';'`,
    `rm -rf ${lib}/python${line}/config-*/*.a ${lib}/python${line}/test ${lib}/python${line}/EXTERNALLY-MANAGED`,
    `install -m 0755 /tmp/root/usr/bin/python${line} ${interpreterHome}/bin/python${line}`,
    `for name in python python3; do ln -s python${line} ${interpreterHome}/bin/$name; done`,
    // Debian's headers of an architecture lie in a folder of its own, which its compiler knows below /usr/include only.
    `mv /tmp/root/usr/include/*-linux-gnu/python${line}/* /tmp/root/usr/include/python${line}/`,
    `mv /tmp/root/usr/include ${buildFiles}/include && ln -s ${buildFiles}/include ${interpreterHome}/include`,
    `sed -i -E "s#/usr/(include|lib)/python#${interpreterHome}/\\1/python#g; s#'LIBDIR': '[^']*'#'LIBDIR': '${lib}'#" ${lib}/python${line}/_sysconfigdata_*.py`,
  ]
}

/** Libraries of that release are found by what it brought and by nothing else: no LD_LIBRARY_PATH. */
function linked(line: string): string[] {
  const files = `${interpreterHome}/bin/python${line} ${interpreterHome}/lib/python${line}/lib-dynload/*.so`
  return [
    'apt-get -qq update && apt-get -qq install -y --no-install-recommends locales patchelf python3-pip-whl > /dev/null',
    `mkdir -p ${interpreterHome}/locale && localedef --no-archive -i en_US -f UTF-8 ${interpreterHome}/locale/en_US.UTF-8`,
    `for file in ${files}; do patchelf --set-rpath ${interpreterHome}/lib/own "$file"; done`,
  ]
}

/**
 * Lets a module take the C library's functions of its first version: those of glibc 2.42 differ in how they count the speed of serial lines,
 * and Debian 13 has 2.41. Arguments: file, the version it asks for, the one it gets (both are named in it).
 */
const older = [
  'import struct, sys; from functools import reduce; path, new, old = sys.argv[1:]; data = bytearray(open(path, "rb").read())',
  'digest = lambda name: struct.pack("<I", reduce(lambda x, c: ((x << 4) + c ^ ((x << 4) + c & 0xf0000000) >> 24) & 0xfffffff, name.encode(), 0))',
  'to, at = data.index(digest(new)), data.index(digest(old)); data[to:to + 4] = data[at:at + 4]; data[to + 8:to + 12] = data[at + 8:at + 12]',
  'open(path, "wb").write(data)',
].join('; ')

/** Fails where a module that apps count on cannot be loaded, or the headers are of no use. */
function usable(line: string): string[] {
  const python = `${interpreterHome}/bin/python`
  const termios = `${interpreterHome}/lib/python${line}/lib-dynload/termios.*.so`
  return [
    'first=GLIBC_2.2.5; if [ "$(uname -m)" = aarch64 ]; then first=GLIBC_2.17; fi',
    `${python} -c 'import termios' || ${python} -c '${older}' ${termios} GLIBC_2.42 $first`,
    `${python} -c 'import bz2, ctypes, curses, decimal, hashlib, lzma, readline, sqlite3, ssl, termios, uuid, zlib, xml.parsers.expat'`,
    `echo '#include <Python.h>' | gcc -fsyntax-only -I ${interpreterHome}/include/python${line} -x c -`,
  ]
}

/** The environment that apps of pip begin with: made once, copied by each. */
function withPip(line: string): string[] {
  const pip = managerVersion('pip', line)
  const setuptools = setuptoolsVersion(line)
  const wanted = [pip === undefined ? 'pip' : `pip==${pip}`, ...(setuptools === undefined ? [] : [`setuptools==${setuptools}`])]
  return [
    `${interpreterHome}/bin/python -m venv --without-pip ${pythonHome}`,
    `for wheel in /usr/share/python-wheels/pip-*.whl; do ${pythonHome}/bin/python "$wheel/pip" install --no-cache-dir --no-input --quiet --disable-pip-version-check ${wanted.join(' ')}; done`,
    `mv ${pythonHome} ${buildFiles}/venv`,
  ]
}

/** What builds with another manager need beside Python: in build images, but for Pipenv, which Procfiles call (`pipenv run`). */
export function managerToolchain(name: 'pipenv' | 'poetry' | 'uv', line: string): Toolchain {
  const version = managerVersion(name, line)
  const kind = name === 'pipenv' ? 'run' : 'build'
  const home = `${kind === 'run' ? '/usr/local/heroku' : '/usr/local/heroku-build'}/${name}`
  const pip = `PYTHONPATH=${buildFiles}/venv/lib/python${line}/site-packages ${home}/venv/bin/python -m pip`
  return {
    name,
    downloads: [],
    install: [
      `mkdir -p ${home}/bin && ${interpreterHome}/bin/python -m venv --without-pip ${home}/venv`,
      `${pip} install --no-cache-dir --no-input --quiet --disable-pip-version-check ${name}${version === undefined ? '' : `==${version}`}`,
      // Its dependencies' commands are not the app's.
      `ln -s ${home}/venv/bin/${name} ${home}/bin/${name}`,
      `mkdir -p /out/run/${name} /out/build && rmdir /out/${kind}/${name} 2> /dev/null || true`,
      `mv ${home} /out/${kind}/${name}`,
    ],
  }
}

import {describe, expect, test} from 'vitest'
import {type BuildPlan, RejectedSource} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {nodejs} from '../../../../src/lib/runtime/buildpacks/nodejs/nodejs.js'
import {python} from '../../../../src/lib/runtime/buildpacks/python/python.js'
import {readRequirements} from '../../../../src/lib/runtime/buildpacks/python/requirements.js'
import {stepStages, toDockerfile} from '../../../../src/lib/runtime/slugs/dockerfile.js'
import {inContext} from '../../../../src/lib/runtime/slugs/plan-context.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages, unseen} from './packages.js'

const now = new Date('2026-11-22T00:00:00Z')
const silent = {ask: () => Promise.reject(new RejectedSource(['nobody answers']))}

type Files = Record<string, string>
const source = (files: Files) => sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))

async function planOf(files: Files, configVars: Record<string, string> = {}, ask = clients): Promise<BuildPlan> {
  await using at = await source(files)
  return await python.compile(at.source, {stack: 'heroku-24', architecture: 'x64', now, configVars, packages, clients: ask})
}
const pip = {'requirements.txt': 'flask==3.1.2\n', '.python-version': '3.13\n'}
const headings = (plan: BuildPlan) => plan.decisions.map(({heading}) => heading)
const steps = (plan: BuildPlan) => [...(plan.dependencies ? [plan.dependencies.install] : []), ...plan.build].map(({name}) => name)

describe('the version of Python', () => {
  test.each([
    ['.python-version', {'.python-version': '# ours\n 3.14 \r\n'}, 'Using Python 3.14 specified in .python-version', '3.14.8'],
    [
      'runtime.txt before it',
      {'.python-version': '3.14', 'runtime.txt': 'python-3.11.2\n'},
      'Using Python 3.11.2 specified in runtime.txt',
      '3.11.2',
    ],
    ['nothing', {}, 'No Python version was specified. Using the buildpack default: Python 3.14', '3.14.8'],
  ])('by %s', async (_, files, said, version) => {
    const plan = await planOf({'requirements.txt': '', ...files})
    expect(headings(plan).slice(0, 2)).toEqual([said, `Installing Python ${version}`])
    expect(plan.toolchains[0]?.install[0]).toBe(`: Python ${version}`)
  })

  test('by Pipfile.lock, the full version first', async () => {
    const lock = JSON.stringify({_meta: {requires: {python_version: '3.11', python_full_version: '3.13.5'}}, default: {}})
    expect(headings(await planOf({'Pipfile.lock': lock}))[0]).toBe('Using Python 3.13.5 specified in Pipfile.lock')
    await expect(planOf({'Pipfile.lock': '{'})).rejects.toThrow("Error: Can't parse Pipfile.lock.")
  })

  test.each([
    ['3.13.1', '3.13.5', 'Warning: Python 3.13.1 cannot be had here; the one of its line, 3.13.5, was used.'],
    ['3.12', '3.13.5', 'Warning: Python 3.12 cannot be had here; the nearest, 3.13.5, was used.'],
    ['3.10.4', '3.11.2', 'Warning: Python 3.10.4 cannot be had here; the nearest, 3.11.2, was used.'],
    ['3.7', '3.9.2', 'Warning: Python 3.9 has reached its upstream end-of-life, and is'],
  ])('%s that cannot be had becomes %s, with a warning', async (wanted, version, warning) => {
    const plan = await planOf({...pip, '.python-version': wanted})
    expect(headings(plan)[1]).toBe(`Installing Python ${version}`)
    expect(plan.warnings).toContain(warning)
  })

  test('a line whose release of Debian does not answer gives way to one that is fixed', async () => {
    const plan = await planOf({...pip, '.python-version': '3.14'}, {}, silent)
    expect(headings(plan)[1]).toBe('Installing Python 3.13.5')
    expect(plan.warnings).toContain('Warning: Python 3.14 cannot be had here; the nearest, 3.13.5, was used.')
  })

  test('an exact version draws no warning; its absence and runtime.txt draw Heroku’s', async () => {
    expect((await planOf({...pip, '.python-version': '3.13.5'})).warnings).toEqual([])
    expect((await planOf({'requirements.txt': ''})).warnings[0]).toBe('Warning: No Python version was specified.')
    expect((await planOf({...pip, 'runtime.txt': 'python-3.13'})).warnings[0]).toBe('Warning: The runtime.txt file is deprecated.')
  })

  test.each([
    ['2.7.18', 'reached end-of-life'],
    ['3.99', "isn't recognised"],
    ['4.0', "isn't recognised"],
    ['python-3.13', 'Invalid Python version in .python-version.'],
    ['3.13.*', 'Invalid Python version in .python-version.'],
    ['# 3.13', 'No Python version found in .python-version.'],
    ['3.13\n3.14', 'Multiple Python versions found in .python-version.'],
    ['\uFEFF3.13', 'Unable to read .python-version.'],
  ])('%j is refused with Heroku’s words', async (text, said) => {
    await expect(planOf({...pip, '.python-version': text})).rejects.toThrow(said)
  })

  test('what cannot be satisfied is an error that lists what can be had', async () => {
    await expect(planOf({...pip, '.python-version': '3.99'})).rejects.toThrow('3.15, 3.14, 3.13, 3.11, 3.9')
  })

  test('files of a wrong name or form are refused', async () => {
    await expect(planOf({...pip, 'python-version.txt': '3.13'})).rejects.toThrow("'python-version.txt'")
    await expect(planOf({...pip, 'runtime.txt': '3.13'})).rejects.toThrow('Invalid Python version in runtime.txt.')
  })

  test('uv wants .python-version', async () => {
    const uv = {'uv.lock': '', 'pyproject.toml': ''}
    await expect(planOf(uv)).rejects.toThrow("Run 'uv python pin 3.14'")
    await expect(planOf({...uv, 'runtime.txt': 'python-3.13'})).rejects.toThrow("The runtime.txt file isn't supported when using uv.")
  })
})

describe('the package manager', () => {
  test.each([
    ['none', {'app.py': ''}, "Couldn't find any supported Python package manager files."],
    ['several', {'requirements.txt': '', 'uv.lock': ''}, 'requirements.txt (pip)\nuv.lock (uv)'],
    ['Pipfile without its lock', {Pipfile: '', 'requirements.txt': ''}, "Error: No 'Pipfile.lock' found!"],
    ['setup.py alone', {'setup.py': ''}, 'Implicit setup.py file support has been sunset.'],
    ['poetry.lock without pyproject.toml', {'poetry.lock': ''}, "Error: No 'pyproject.toml' found."],
    ['a virtual environment', {...pip, 'venv/pyvenv.cfg': ''}, "Existing 'venv/' directory found."],
    ['.heroku/python', {...pip, '.heroku/python/x': ''}, "Existing '.heroku/python/' directory found."],
  ])('%s is refused with Heroku’s words', async (_, files, said) => {
    await expect(planOf(files)).rejects.toThrow(said)
  })

  test('its commands are Heroku’s, and without the source they leave its own packages out', async () => {
    const directory = '[package.source]\ntype = "directory"\n'
    const lock = (files: Files) => planOf({'.python-version': '3.13', 'pyproject.toml': '', ...files})
    const run = (plan: BuildPlan) => plan.dependencies?.install.run.join()
    expect(run(await planOf(pip))).toContain(
      'pip install -r requirements.txt --exists-action=w --no-input --progress-bar off --src=/app/.heroku/python/src 2>&1',
    )
    const poetry = await lock({'poetry.lock': directory})
    expect(run(poetry)).toContain('poetry sync --only main --no-root --no-directory --compile --no-ansi --no-interaction 2>&1')
    expect(poetry.build[0]?.run.join()).toContain('poetry sync --only main --compile --no-ansi --no-interaction 2>&1')
    const uv = await lock({'uv.lock': 'source = { editable = "." }'})
    expect(run(uv)).toContain('uv sync --frozen --no-install-local --no-default-groups --compile-bytecode --no-progress 2>&1')
    expect(uv.build[0]?.run.join()).toContain('uv sync --locked --no-default-groups --compile-bytecode --no-progress 2>&1')
    expect(run(await lock({'uv.lock': 'source = { virtual = "." }'}))).not.toContain('--frozen')
  })

  test('Pipenv does not insist on a Python that cannot be had', async () => {
    const plan = (version: string) => planOf({'Pipfile.lock': JSON.stringify({_meta: {requires: {python_version: version}}})})
    expect((await plan('3.13')).dependencies?.install.heading).toContain('pipenv install --deploy')
    expect((await plan('3.12')).dependencies?.install.heading).toContain('pipenv sync')
  })
})

describe('requirements', () => {
  const read = async (files: Files) => {
    await using at = await source(files)
    return await readRequirements(at.source)
  }

  test('include others, limits and folders of wheels, each once', async () => {
    const files = {
      'requirements.txt': '-r common/base.txt # the rest\n--constraint=limits.txt\n-f ./wheels\n',
      'common/base.txt': '-r more.txt\n-r ../requirements.txt\nDjango_Rest.framework>=3',
      'common/more.txt': 'flask',
      'limits.txt': 'flask<4',
      'wheels/a.whl': '',
      'other.txt': '',
    }
    const {files: seen, local, names} = await read(files)
    expect(seen).toEqual(['common/base.txt', 'common/more.txt', 'limits.txt', 'requirements.txt', 'wheels/a.whl'])
    expect([local, names('django-rest-framework'), names('django')]).toEqual([false, true, false])
  })

  test.each([
    ['-e .', true],
    ['--editable=./libs/x', true],
    ['./libs/x', true],
    ['libs/x', true],
    ['x.whl', true],
    ['x @ file:///app/x', true],
    ['x[extra] @ ./x', true],
    ['-e git+https://example.test/x.git#egg=x', false],
    ['x @ https://example.test/x.zip', false],
    ['flask==3.1.2 ; python_version > "3" --hash=sha256:a/b', false],
    ['--extra-index-url https://example.test/simple', false],
  ])('%s: from the source %s', async (line, local) => {
    expect((await read({'requirements.txt': `${line}\n`})).local).toBe(local)
  })

  test('let an install see the config vars of pip and those that they name, and no others', async () => {
    const text = `--index-url https://\${INDEX_TOKEN}@example.test/simple \\\n  \nflask\n`
    const plan = await planOf({...pip, 'requirements.txt': text})
    expect(plan.dependencies?.install.configVars).toEqual(['PIP_*', 'INDEX_TOKEN'])
  })
})

describe('heroku/python', () => {
  test('dependencies see the requirements only', async () => {
    const plan = await planOf({...pip, 'app.py': '', 'requirements-dev.txt': 'x'})
    expect(plan.dependencies?.files).toEqual(['requirements.txt'])
    expect(plan.build).toEqual([])
  })

  test('the members of a uv workspace count too', async () => {
    const files = {'.python-version': '3.13', 'uv.lock': '', 'pyproject.toml': '', 'packages/a/pyproject.toml': '', 'packages/a/a.py': ''}
    expect((await planOf(files)).dependencies?.files).toEqual(['.python-version', 'packages/a/pyproject.toml', 'pyproject.toml', 'uv.lock'])
  })

  test('packages of the source itself make Heroku’s sequence run over all of it', async () => {
    const plan = await planOf({...pip, 'requirements.txt': '-e .', 'manage.py': '', 'bin/post_compile': ''})
    expect([plan.dependencies, steps(plan)]).toEqual([undefined, ['install', 'collectstatic', 'post-compile']])
    expect(plan.build[0]?.configVars).toEqual(['*'])
  })

  test('a package manager’s file may be a symlink, unless it leads nowhere', async () => {
    const files = [
      {path: 'requirements.txt', link: 'backend/requirements.txt'},
      {path: 'backend/requirements.txt', text: 'flask'},
    ]
    await using at = await sourceOf(files)
    const plan = await python.compile(at.source, {stack: 'heroku-24', architecture: 'x64', now, configVars: {}, packages, clients})
    expect(plan.dependencies?.files).toEqual(['requirements.txt'])
    await using astray = await sourceOf(files.slice(0, 1))
    const whole = await python.compile(astray.source, {stack: 'heroku-24', architecture: 'x64', now, configVars: {}, packages, clients})
    expect([whole.dependencies, steps(whole)]).toEqual([undefined, ['install']])
  })

  test('bin/pre_compile runs before everything, and may write the requirements', async () => {
    const plan = await planOf({'bin/pre_compile': '', '.python-version': '3.13'})
    expect([plan.dependencies, steps(plan)]).toEqual([undefined, ['pre-compile', 'install']])
  })

  test('collectstatic runs for the manage.py nearest to the root', async () => {
    const run = async (...paths: string[]) => {
      const plan = await planOf({...pip, ...Object.fromEntries(paths.map(path => [path, '']))})
      return plan.build[0]?.heading
    }
    expect(await run('z/manage.py', 'a/b/manage.py')).toBe('$ python z/manage.py collectstatic --noinput')
    expect(await run('a/b/c/manage.py')).toBeUndefined()
  })

  test.each([
    [{DISABLE_COLLECTSTATIC: '1'}, 'Skipping Django collectstatic since the env var DISABLE_COLLECTSTATIC is set.'],
    [{DISABLE_COLLECTSTATIC: '0'}, undefined],
  ])('%j is heeded', async (configVars, said) => {
    const plan = await planOf({...pip, 'manage.py': ''}, configVars)
    expect([plan.closing[0]?.heading, plan.build.length]).toEqual([said, said === undefined ? 1 : 0])
  })

  test('Django without manage.py is told that nothing is collected', async () => {
    const plan = await planOf({...pip, 'requirements.txt': 'Django==5.2'})
    expect(plan.closing[0]?.heading).toBe('Skipping Django collectstatic since no manage.py file found.')
  })

  test('after heroku/nodejs its steps have Node.js too, and its packages a layer beside node_modules', async () => {
    const files = {...pip, 'package.json': '{"engines":{"node":"24.x"}}', 'package-lock.json': '{}', 'manage.py': ''}
    await using at = await source(files)
    const env = {stack: 'heroku-24', architecture: 'x64' as const, now, configVars: {}, packages, clients}
    const plans = inContext([await nodejs.compile(at.source, env), await python.compile(at.source, env)], {
      stack: 'heroku-24',
      appId: 'app',
    })
    expect(plans[1]?.env['PATH']).toMatch(/^\/app\/\.heroku\/python\/bin:\/app\/\.heroku\/node\/bin:/)
    const inputs = Object.fromEntries(stepStages(plans).map(({stage}) => [stage, {digest: undefined}]))
    const dockerfile = toDockerfile(plans, {run: 'run', build: 'build'}, inputs, 'none')
    expect(dockerfile.slice(dockerfile.indexOf('FROM run'))).toContain(
      [
        'COPY --from=b1-install --chown=1000:1000 /app/node_modules /app/node_modules',
        'COPY --from=b2-install --chown=1000:1000 /app/.heroku/python /app/.heroku/python',
      ].join('\n'),
    )
  })

  test('has no default process types', async () => {
    await using at = await source(pip)
    expect(await python.release(at.source, unseen)).toEqual({defaultProcessTypes: {}, addons: []})
  })

  test.each(['app.py', 'requirments.txt', 'venv/bin/python', 'requirements/base.txt', 'uv.lock'])('takes a source with %s', async path => {
    await using at = await source({[path]: ''})
    expect(await python.detect(at.source)).toBe('Python')
  })

  test('says what it saw where there is no Python', async () => {
    await using at = await source({'src/main.py': '', README: ''})
    expect(await python.detect(at.source)).toBeUndefined()
    expect((await python.rejection(at.source)).join('\n')).toMatch(/Currently the root[\s\S]*README\nsrc\/\n/)
  })
})

test.each([
  ['requirements.txt', 'Django==5.2\npsycopg2-binary==2.9.10\n', ['heroku-postgresql']],
  ['requirements.txt', 'django>=5\ndj-psycopg2-stub\n', []],
  ['poetry.lock', '[[package]]\nname = "django"\n[[package]]\nname = "psycopg2"\n', ['heroku-postgresql']],
  ['Pipfile.lock', '{"default": {\n  "django": {},\n  "psycopg2": {}\n}}', ['heroku-postgresql']],
  ['requirements.txt', 'flask\npsycopg2\n', []],
])('a Django project with Postgres by %s gets a database', async (name, text, addons) => {
  await using project = await sourceOf([
    {path: 'manage.py', text: ''},
    {path: name, text},
  ])
  await using script = await sourceOf([{path: name, text}])
  expect(await python.release(project.source, unseen)).toEqual({defaultProcessTypes: {}, addons})
  expect(await python.release(script.source, unseen)).toEqual({defaultProcessTypes: {}, addons: []})
})

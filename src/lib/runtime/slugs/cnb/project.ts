import ignore from 'ignore'
import {type ProjectToml, parseProjectToml} from '../../../schema/project-toml.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'
import {type TarSource, tarSource} from '../source.js'

/** What project.toml at the root says; nothing when there is none. Throws RejectedSource or InvalidToml, with all that is wrong. */
export async function projectOf(source: TarSource): Promise<ProjectToml> {
  const {project, problems} = parseProjectToml((await source.text('project.toml')) ?? '')
  if (project === undefined) throw new RejectedSource(['project.toml cannot be followed:', ...problems])
  return project
}

/** The files that the build may see: those that `include` matches, or all but those of `exclude`. */
export function includedSource(source: TarSource, {include, exclude}: Pick<ProjectToml, 'include' | 'exclude'>): TarSource {
  const patterns = include ?? exclude
  if (patterns === undefined) return source
  const filter = ignore({ignorecase: false}).add(patterns)
  return tarSource(
    source.file,
    source.entries.filter(({path}) => filter.ignores(path) === (include !== undefined)),
  )
}

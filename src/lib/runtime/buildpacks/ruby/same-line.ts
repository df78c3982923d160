/**
 * Ruby that RubyGems loads before it loads Bundler, as the defaults of an engine: Bundler takes a Ruby of the line that the Gemfile names, whatever its patch release. Bundler's
 * class does not exist yet when this runs, so it is waited for; a Ruby of another line is refused as ever.
 */
export const sameLine = `module HerokuSameLine
  def diff(other)
    found = super
    return found unless found && found.first == :version
    running = Gem::Version.new(other.versions.first)
    refusing = versions.flat_map { |wanted| Gem::Requirement.new(wanted).requirements }.reject do |operator, version|
      Gem::Requirement.new("#{operator} #{version}").satisfied_by?(running)
    end
    line = running.segments.first(2)
    refusing.all? { |operator, version| operator != "!=" && version.segments.first(2) == line } ? nil : found
  end
end

module HerokuSameLineFinder
  def inherited(child)
    super
    return unless child.name == "Bundler::RubyVersion"
    child.prepend(HerokuSameLine)
    HerokuSameLineFinder.send(:remove_method, :inherited)
  end
end

Object.singleton_class.prepend(HerokuSameLineFinder)
`

import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgExtensions extends QueryCommand {
  static override description = 'show extensions that can be made, and those that are'
  static override examples = ['<%= config.bin %> pg:extensions --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT name, default_version, installed_version, comment FROM pg_available_extensions ORDER BY installed_version IS NULL, name`
}

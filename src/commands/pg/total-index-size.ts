import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgTotalIndexSize extends QueryCommand {
  static override description = 'show the size of all indexes together'
  static override examples = ['<%= config.bin %> pg:total-index-size --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT pg_size_pretty(coalesce(sum(pg_relation_size(indexrelid)), 0)) AS size FROM pg_stat_user_indexes`
}

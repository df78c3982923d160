import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgIndexSize extends QueryCommand {
  static override description = 'show the size of each index'
  static override examples = ['<%= config.bin %> pg:index-size --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT indexrelname AS name, pg_size_pretty(pg_relation_size(indexrelid)) AS size
    FROM pg_stat_user_indexes
    ORDER BY pg_relation_size(indexrelid) DESC`
}

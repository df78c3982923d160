import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgRecordsRank extends QueryCommand {
  static override description = 'show tables by their number of rows, as the server estimates it'
  static override examples = ['<%= config.bin %> pg:records-rank --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT relname AS name, n_live_tup AS estimated_count FROM pg_stat_user_tables ORDER BY n_live_tup DESC`
}

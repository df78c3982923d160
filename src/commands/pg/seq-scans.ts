import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgSeqScans extends QueryCommand {
  static override description = 'show how often each table was read from end to end'
  static override examples = ['<%= config.bin %> pg:seq-scans --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT relname AS name, seq_scan AS count FROM pg_stat_user_tables ORDER BY seq_scan DESC`
}

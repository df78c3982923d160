import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgUserConnections extends QueryCommand {
  static override description = 'show how many connections each role has'
  static override examples = ['<%= config.bin %> pg:user-connections --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT usename AS credential, count(*) AS connections FROM pg_stat_activity WHERE usename IS NOT NULL GROUP BY usename ORDER BY usename`
}

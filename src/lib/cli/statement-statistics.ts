import type {Platform} from '../client/platform.js'
import {CommandError} from './command-error.js'
import {askInside} from './push-pull.js'

/** What `pg:calls` and `pg:outliers` show, in this order; `limit` rows. */
export function statementQuery(schema: string, {order, limit, truncate}: {order: string; limit: number; truncate: boolean}): string {
  const query = truncate ? "CASE WHEN length(query) <= 40 THEN query ELSE left(query, 39) || '…' END AS query" : 'query'
  return `
    SELECT interval '1 millisecond' * total_exec_time AS total_exec_time,
        to_char((total_exec_time / sum(total_exec_time) OVER()) * 100, 'FM90D0') || '%' AS prop_exec_time,
        to_char(calls, 'FM999G999G999G990') AS ncalls,
        interval '1 millisecond' * (shared_blk_read_time + shared_blk_write_time) AS sync_io_time,
        ${query}
    FROM ${schema}.pg_stat_statements
    WHERE userid = (SELECT usesysid FROM pg_user WHERE usename = current_user LIMIT 1)
    ORDER BY ${order} DESC
    LIMIT ${limit}`
}

/** The schema that PostgreSQL's statistics of statements are in. Throws what to do when they are not kept. */
export async function statementSchema(platform: Platform, addon: string): Promise<string> {
  const sql =
    "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_stat_statements'"
  const schema = await askInside(platform, addon, sql)
  if (schema !== '') return schema
  throw new CommandError(
    'The pg_stat_statements extension needs to be installed first.\nYou can install it by running:\n\n    CREATE EXTENSION pg_stat_statements;',
    {id: 'extension_missing'},
  )
}

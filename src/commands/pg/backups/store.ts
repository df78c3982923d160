import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {jsonFlags} from '../../../lib/cli/flags.js'
import type {BackupStore} from '../../../lib/client/transfers.js'

export default class PgBackupsStore extends BaseCommand {
  static override description = `show or set where new backups of this home go
A folder (local is the home's own), or a bucket of any server that speaks S3's protocol. They are encrypted with the key of this home before they leave it: without that key nobody can read them, you included.
The keys of a bucket come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of this command. Backups that lie elsewhere stay there, and can be restored.`
  static override examples = [
    '<%= config.bin %> pg:backups:store',
    '<%= config.bin %> pg:backups:store s3://my-bucket/hokku --region eu-north-1',
    '<%= config.bin %> pg:backups:store s3://backups --endpoint https://minio.example.com:9000',
    '<%= config.bin %> pg:backups:store file:///mnt/disk/backups',
  ]
  static override enableJsonFlag = true
  static override args = {url: argument({description: 'local, file:///FOLDER or s3://BUCKET/PREFIX; shows the present one when left out'})}
  static override flags = {
    ...jsonFlags,
    endpoint: string({description: 'URL of the S3 server, Amazon by default'}),
    region: string({description: 'region of the bucket'}),
  }

  async run(): Promise<BackupStore> {
    const {flags, args} = await this.parse(PgBackupsStore)
    const platform = await this.connect()
    const store = args.url === undefined ? await platform.transfers.backupStore() : await this.use(args.url, flags)
    if (this.jsonEnabled()) return store
    this.ui.object({
      Store: this.ui.out.name(store.url),
      Endpoint: store.endpoint ?? undefined,
      Region: store.region ?? undefined,
      'Access key': store.access_key ?? undefined,
    })
    return store
  }

  private async use(url: string, {endpoint, region}: {endpoint: string | undefined; region: string | undefined}): Promise<BackupStore> {
    const platform = await this.connect()
    const {AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret} = this.env
    const keys = url.startsWith('s3:') && access && secret ? {access_key: access, secret_key: secret} : {}
    const wanted = {url, ...(endpoint !== undefined && {endpoint}), ...(region !== undefined && {region}), ...keys}
    return await this.ui.action(`Storing new backups in ${this.ui.err.name(url)}`, () => platform.transfers.useStore(wanted))
  }
}

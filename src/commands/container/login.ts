import {BaseCommand} from '../../lib/cli/base-command.js'

export default class ContainerLogin extends BaseCommand {
  static override description =
    'log in to the container registry\nThere is none: your own Docker keeps the images. It exists so that scripts made for Heroku go on.'
  static override examples = ['<%= config.bin %> container:login']

  async run(): Promise<void> {
    await this.parse(ContainerLogin)
    await this.connect()
    this.ui.log('Login Succeeded')
    this.ui.note('Images stay in your own Docker: there is no registry to log in to.')
  }
}

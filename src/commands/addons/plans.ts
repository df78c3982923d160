import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {hourlyPrice, monthlyPrice} from '../../lib/cli/formats/price.js'
import type {Plan} from '../../lib/schema/resources.js'

export default class AddonsPlans extends BaseCommand {
  static override description = 'list all available plans for an add-on service'
  static override examples = ['<%= config.bin %> addons:plans heroku-postgresql']
  static override enableJsonFlag = true
  static override args = {
    service: argument({required: true, description: 'unique identifier or globally unique name of the add-on service'}),
  }
  static override flags = {...jsonFlags}

  async run(): Promise<Plan[]> {
    const {args} = await this.parse(AddonsPlans)
    const platform = await this.connect()
    const plans = await platform.addons.plans(args.service)
    if (this.jsonEnabled()) return plans
    await this.ui.table(
      plans.toSorted((a, b) => a.price.cents - b.price.cents),
      {
        '': plan => (plan.default ? 'default' : ''),
        Slug: plan => this.ui.out.name(plan.name),
        Name: plan => plan.human_name,
        Price: plan => hourlyPrice(plan.price),
        'Max Price': plan => monthlyPrice(plan.price),
      },
    )
    return plans
  }
}

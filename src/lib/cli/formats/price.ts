import type {Price} from '../../schema/resources.js'

/** `~$0.007/hour`; Heroku counts 720 hours a month. */
export function hourlyPrice(price: Price): string {
  return special(price) ?? `~$${(price.cents / 100 / 720).toFixed(3)}/hour`
}

/** `$5/month` */
export function monthlyPrice(price: Price): string {
  return special(price) ?? `$${(price.cents / 100).toFixed(price.cents % 100 === 0 ? 0 : 2)}/${price.unit}`
}

/** `~$0.007/hour (max $5/month)` */
export function priceText(price: Price): string {
  return special(price) ?? `${hourlyPrice(price)} (max ${monthlyPrice(price)})`
}

function special(price: Price): string | undefined {
  if (price.contract) return 'contract'
  if (price.metered) return 'metered'
  return price.cents === 0 ? 'free' : undefined
}

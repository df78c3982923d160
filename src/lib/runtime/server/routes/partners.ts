import type {Context} from 'hono'
import {z} from 'zod'
import {signOnForm} from '../../../schema/sign-on-form.js'
import type {AddonRecord} from '../../addons/addons.js'
import {presentedToken} from '../auth.js'
import {body, bytesBody, formOrJson} from '../body.js'
import {serializeAddon, words} from '../serialize/addon.js'
import type {Api, ApiEnv, Services} from '../services.js'
import {serializeLogDrain} from './log-drains.js'

const exchangeBody = z.object({
  grant_type: z.string(),
  code: z.string().optional(),
  refresh_token: z.string().optional(),
  client_secret: z.string(),
})
const configBody = z.object({config: z.array(z.object({name: z.string(), value: z.string().nullable()}))})

/**
 * What partners ask of the Platform API, and what people ask about their services: OAuth as id.heroku.com has it, config vars and
 * lifecycle of an add-on, its log drains, single sign-on. `partner-scope.ts` says which of it a partner's token may do.
 */
export function partnerRoutes(api: Api, services: Services): void {
  const {addons, apps, logDrains} = services
  const wanted = (c: Context<ApiEnv>): AddonRecord => addons.get(c.req.param('addon') as string)
  const shown = (c: Context<ApiEnv>, addon: AddonRecord) => c.json(serializeAddon(addon, services, words(c.req.header('accept-expansion'))))
  const config = (c: Context<ApiEnv>, addon: AddonRecord) =>
    c.json(Object.entries(addons.shown.config(addon)).map(([name, value]) => ({name, value})))

  api.post('/oauth/token', async c => c.json(addons.partners.exchange(await formOrJson(c, exchangeBody))))

  // As logplex answers, which has no body.
  api.post('/logs', async c => {
    addons.partners.log(presentedToken(c), await bytesBody(c))
    return c.body(null, 204)
  })

  api.get('/addons/:addon/config', c => config(c, wanted(c)))
  api.patch('/addons/:addon/config', async c => {
    const {config: changes} = await body(c, configBody)
    const addon = wanted(c)
    await addons.partners.setConfig(addon, Object.fromEntries(changes.map(({name, value}) => [name, value])))
    return config(c, addon)
  })
  api.post('/addons/:addon/actions/provision', async c => shown(c, await addons.partners.provisioned(wanted(c))))
  api.post('/addons/:addon/actions/deprovision', async c => shown(c, await addons.partners.deprovisioned(wanted(c))))

  api.get('/addons/:addon/log-drains', c => {
    const addon = wanted(c)
    return c.json(logDrains.listOf(addon.id).map(one => serializeLogDrain(one, apps.resolve(addon.appId), addons)))
  })

  const signOn = async (c: Context<ApiEnv>, app: string | undefined): Promise<Response> => {
    const {url: action, form} = await addons.shown.page(wanted(c), {...c.var.caller, app})
    return c.json(
      form === undefined
        ? {method: 'get', action, params: {}}
        : {method: 'post', action, params: {...form, timestamp: Number(form['timestamp'])}},
    )
  }
  // What `web_url` of an add-on leads to: the browser has no token, but knows the address.
  api.get('/sso/:addon/:key', async c => {
    const addon = addons.partners.signOn(c.req.param('addon'), c.req.param('key'))
    const {url, form = {}} = await addons.shown.page(addon, c.var.caller)
    c.header('Referrer-Policy', 'no-referrer')
    return c.html(signOnForm(url, form))
  })
  api.get('/addons/:addon/sso', c => signOn(c, undefined))
  api.get('/apps/:app/addons/:addon/sso', c => signOn(c, apps.resolve(c.req.param('app')).name))
}

import {addonContract} from '../../../contract/addon.js'
import {addonEngine} from '../../../support/addon-engine.js'

addonContract('the memory engine', {engine: async () => addonEngine(), plans: 'all'})

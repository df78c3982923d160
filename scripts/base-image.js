import {ensureBaseImage} from './lib/base-image.js'
import {ensureEngine} from './lib/engine.js'

const engine = await ensureEngine()
await ensureBaseImage(engine.socket)

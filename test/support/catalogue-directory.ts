import {fileURLToPath} from 'node:url'

export const catalogueDirectory = fileURLToPath(new URL('../../addons', import.meta.url))

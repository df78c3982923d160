// What run.ts loads only when a command cannot be started directly. A module of its own, because a bundled CommonJS
// package has its names only through a static import.
export {flush} from '@oclif/core/flush'
export {handle} from '@oclif/core/handle'
export {run} from '@oclif/core/run'

/** Where the launcher is in every image of the container stack (stacks/container). */
export const launcherPath = '/.hokku/dyno-init'

import type {Toolchain} from '../buildpack.js'

/**
 * nginx means QUIT by a graceful end, and by TERM that it cuts off every answer at once; a dyno's processes all get TERM. So its handler
 * for TERM is one that raises QUIT. In C, because nginx cannot be told so by its configuration.
 */
const gracefulSource = [
  '#define _GNU_SOURCE',
  '#include <dlfcn.h>',
  '#include <signal.h>',
  '#include <unistd.h>',
  'static void quit(int signal) { (void)signal; kill(getpid(), SIGQUIT); }',
  'int sigaction(int number, const struct sigaction *action, struct sigaction *old) {',
  '  int (*next)(int, const struct sigaction *, struct sigaction *) = dlsym(RTLD_NEXT, "sigaction");',
  '  struct sigaction graceful;',
  '  if (number == SIGTERM && action && action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN) {',
  '    graceful = *action;',
  '    graceful.sa_flags &= ~SA_SIGINFO;',
  '    graceful.sa_handler = quit;',
  '    action = &graceful;',
  '  }',
  '  return next(number, action, old);',
  '}',
]

/** Debian's nginx, with the module that can say another Content-Type. */
export const nginxToolchain: Toolchain = {
  name: 'nginx',
  debian: {run: ['nginx', 'libnginx-mod-http-headers-more-filter'], build: []},
  downloads: [],
  install: [
    'mkdir -p /out/run/nginx',
    `printf '%s\\n' ${gracefulSource.map(line => `'${line}'`).join(' ')} > /tmp/graceful.c`,
    'gcc -O2 -Wall -shared -fPIC -o /out/run/nginx/graceful.so /tmp/graceful.c',
  ],
}

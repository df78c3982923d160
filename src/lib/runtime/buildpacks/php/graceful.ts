/**
 * A dyno's processes all get SIGTERM when it stops, by which PHP-FPM, its workers, Apache and nginx mean that they cut off every answer.
 * Heroku's are patched to ignore it, so that the boot script can end them in order; here a handler that does nothing takes the place of
 * theirs. A handler, because what they run must not inherit an ignored signal; nor does it inherit this library.
 */
export const gracefulSource = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
static void later(int signal) { (void)signal; }
__attribute__((constructor)) static void alone(void) { unsetenv("LD_PRELOAD"); }
int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  int (*next)(int, const struct sigaction *, struct sigaction *) = dlsym(RTLD_NEXT, "sigaction");
  struct sigaction none;
  if (number == SIGTERM && action) {
    none = *action;
    none.sa_flags = SA_RESTART;
    none.sa_handler = later;
    action = &none;
  }
  return next(number, action, old);
}
`

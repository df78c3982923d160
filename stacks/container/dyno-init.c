/* Runs one program as a dyno, as the child of the container's init, in any image:
 *   dyno-init PROGRAM [ARGUMENT...]            signals reach every process of the dyno
 *   dyno-init --inside PROGRAM [ARGUMENT...]   the same beside a dyno that runs; signals are its own business
 *   dyno-init --sockets                        prints the container's TCP sockets as the kernel tells them */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Docker's, not Heroku's: servers that listen on $HOSTNAME would leave 127.0.0.1 out. A config var of that name stays. */
static void forget_hostname(void) {
  char name[256] = "";
  const char *given = getenv("HOSTNAME");
  if (given != NULL && gethostname(name, sizeof name - 1) == 0 && strcmp(given, name) == 0) unsetenv("HOSTNAME");
}

/* Does not return: with 127 or 126, as a shell would, when the program is not there or cannot be executed. */
static void become(char **program) {
  execvp(program[0], program);
  int status = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
  fprintf(stderr, "Cannot run %s: %s\n", program[0], status == 127 ? "it is not in this image" : strerror(errno));
  if (status == 127 && strcmp(program[0], "/bin/sh") == 0)
    fprintf(stderr, "A command is run by /bin/sh. An image without a shell can run its own ENTRYPOINT and CMD only.\n");
  exit(status);
}

static int show(const char *path) {
  char text[4096];
  FILE *file = fopen(path, "r");
  if (file == NULL) return 1;
  for (size_t read; (read = fread(text, 1, sizeof text, file)) > 0;) fwrite(text, 1, read, stdout);
  fclose(file);
  return 0;
}

/* Whether the kernel has ended any of our processes for its memory. In a control group of version 1 engines need no help. */
static int killed_for_memory(void) {
  char line[4096], path[4200] = "";
  FILE *file = fopen("/proc/self/cgroup", "r");
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "0::/", 4) == 0) snprintf(path, sizeof path, "/sys/fs/cgroup%.*s/memory.events", (int)strcspn(line + 3, "\n"), line + 3);
  fclose(file);
  long killed = 0;
  if ((file = fopen(path, "r")) == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "oom_kill ", 9) == 0) killed = strtol(line + 9, NULL, 10);
  fclose(file);
  return killed > 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--sockets") == 0) return show("/proc/net/tcp") & show("/proc/net/tcp6");
  char **program = argv + 1;
  int inside = argc > 1 && strcmp(argv[1], "--inside") == 0;
  if (inside) program++;
  if (*program == NULL) {
    fprintf(stderr, "usage: dyno-init [--inside] PROGRAM [ARGUMENT...], or dyno-init --sockets\n");
    return 2;
  }
  forget_hostname();
  if (inside) become(program);

  sigset_t ours, before;
  sigemptyset(&ours);
  const int heard[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGINT, SIGQUIT, SIGCHLD};
  for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) sigaddset(&ours, heard[i]);
  sigprocmask(SIG_BLOCK, &ours, &before);

  pid_t child = fork();
  if (child < 0) {
    perror("dyno-init: fork");
    return 126;
  }
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    become(program);
  }

  int ending = 0, status = 0;
  for (int running = 1; running;) {
    int heard_now = sigwaitinfo(&ours, NULL);
    if (heard_now == SIGCHLD) {
      int ended_status;
      for (pid_t ended; (ended = waitpid(-1, &ended_status, WNOHANG)) > 0;)
        if (ended == child) status = ended_status, running = 0;
    } else if (heard_now == SIGINT || heard_now == SIGQUIT) {
      /* From the terminal, which sends them to the foreground processes itself. */
    } else if (heard_now > 0) {
      if (heard_now == SIGTERM) ending = 1;
      /* Every process but init and ourselves: what `npm start`, `a; b` and pipelines need to end gracefully. */
      kill(-1, heard_now);
    }
  }
  /* The first may be gone while what it started still ends gracefully. */
  while (ending && kill(-1, 0) == 0) {
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    usleep(20000);
  }
  int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  /* The engine hears from a control group of version 2 that it ran out of memory, if the group lives on for a moment. */
  if (code == 128 + SIGKILL && killed_for_memory()) sleep(1);
  return code;
}

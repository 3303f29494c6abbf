#include "cli.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/terminal.h"

/* The process as a whole: signals, descriptors, core dumps, the mode of files. */

static volatile sig_atomic_t stop_signal;
static volatile sig_atomic_t progress_asked;
static bool print_failed;

/* The first asks for a clean stop; a second leaves at once, which is safe: everything durable is in a transaction. */
static void on_stop(int number)
{
    int as = number == SIGINT ? SIGINT : SIGTERM; /* a closed terminal ends a run as SIGTERM does */
    if (stop_signal)
        _exit(128 + as);
    stop_signal = as;
}

static void on_progress(int number)
{
    (void)number;
    progress_asked = 1;
}

bool process_asked_for_progress(void)
{
    if (!progress_asked)
        return false;
    progress_asked = 0;
    return true;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {0};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void process_start(struct job_world *world)
{
    static const struct rlimit no_core = {0, 0};
    terminal_guard_descriptors();
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    umask(077);
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "C");
    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);
    handle(SIGINT, on_stop);
    handle(SIGTERM, on_stop);
    handle(SIGHUP, on_stop);
    handle(SIGUSR1, on_progress);
    unsetenv("SSLKEYLOGFILE");
    world->signal = &stop_signal;
}

/* ---------------------------------------------------------------- output */

/* Not by stdio, which loses what it holds when a signal comes while it waits for the reader. */
void cli_print(const struct text *text)
{
    fflush(stdout);
    for (size_t at = 0; at < text->length && !print_failed;) {
        ssize_t done = write(STDOUT_FILENO, text->bytes + at, text->length - at);
        if (done >= 0)
            at += (size_t)done;
        else if (errno != EINTR)
            print_failed = true;
    }
}

bool cli_printed(void)
{
    return fflush(stdout) == 0 && !ferror(stdout) && !print_failed;
}

void cli_print_error(const struct text *text)
{
    if (text->length)
        fwrite(text->bytes, 1, text->length, stderr);
}

int cli_fail(const struct fault *fault)
{
    fprintf(stderr, "opspush: %s\n", fault->text);
    return fault_exit(fault->kind);
}

int cli_usage(const char *words, ...)
{
    va_list arguments;
    va_start(arguments, words);
    fputs("opspush: ", stderr);
    vfprintf(stderr, words, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return fault_exit(FAULT_USAGE);
}

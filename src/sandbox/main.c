#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/terminal.h"
#include "options.h"
#include "server.h"

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

static void die_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        stop = 1; /* it ended before the kernel was told */
}

static struct mischief_plan *plan_of(const struct options *options, struct fault *fault)
{
    struct mischief_plan *plan = mischief_plan_new(options->seed, options->by_person);
    struct text lines = {0};
    int result = 0;
    if (options->misbehave) {
        result = mischief_plan_add(plan, options->misbehave, fault);
        if (result < 0)
            fault_place(fault, "--misbehave");
    }
    if (!result && options->script)
        result = file_read(options->script, 1 << 20, &lines, FAULT_CONFIG, fault);
    if (!result && options->script)
        result = mischief_plan_script(plan, options->script, &lines, fault);
    text_clear(&lines);
    if (result < 0) {
        mischief_plan_free(plan);
        return NULL;
    }
    return plan;
}

static int announce(const struct options *options, const struct server *server, struct fault *fault)
{
    unsigned port = server_port(server);
    const char *client = options->rules.client ? options->rules.client : "sandbox";
    if (options->port_file) {
        char line[16];
        int length = snprintf(line, sizeof line, "%u\n", port);
        if (file_write(options->port_file, line, (size_t)length, FAULT_CONFIG, fault) < 0)
            return -1;
    }
    printf("listening on http://127.0.0.1:%u/api/%s/v1\n", port, client);
    if (fflush(stdout) != 0)
        return fault_set(fault, FAULT_FAILED, "cannot write to standard output");
    return 0;
}

static int serve(const struct options *options, struct mischief_plan *plan, struct fault *fault)
{
    struct service_setup setup = {.rules = &options->rules,
                                  .plan = plan,
                                  .seed = options->seed,
                                  .latency = options->latency,
                                  .bare = options->bare,
                                  .log_path = options->log_path};
    struct service *service = service_open(&setup, fault);
    struct server *server = service ? server_open(service, options->port, fault) : NULL;
    int result = server ? announce(options, server, fault) : -1;
    if (!result)
        result = server_run(server, &stop, options->for_ms, fault);
    server_close(server);
    service_close(service);
    return result;
}

int main(int count, char *words[])
{
    struct fault fault = {0};
    struct options options;
    pid_t parent = getppid();
    terminal_guard_descriptors();
    catch_signals();
    int result = options_parse(&options, count, words, &fault);
    if (!result && options.help) {
        options_help(stdout);
    } else if (!result && options.version) {
        printf("opspush-sandbox %s\n", OPSPUSH_VERSION);
    } else if (!result) {
        struct mischief_plan *plan = plan_of(&options, &fault);
        if (options.die_with_parent)
            die_with_parent(parent);
        result = plan ? serve(&options, plan, &fault) : -1;
        mischief_plan_free(plan);
    }
    options_clear(&options);
    if (result < 0)
        fprintf(stderr, "opspush-sandbox: %s\n", fault.text);
    return result < 0 ? fault_exit(fault.kind) : 0;
}

#include "cli.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/terminal.h"

/*
 * Progress for somebody who watches: one line, redrawn, on a terminal; a line every ten seconds with --progress lines; nothing
 * otherwise. SIGUSR1 prints one line in any case.
 */

enum { REDRAW_MS = 200, LINE_MS = 10000 };

static void describe(const struct job_progress *progress, struct text *out)
{
    const struct push_progress *push = &progress->push;
    double seconds = (double)progress->elapsed_ms / 1000.0;
    char left[32];
    if (progress->phase == PHASE_READ) {
        text_addf(out, "reading: %llu rows", (unsigned long long)progress->rows);
        return;
    }
    text_addf(out, "pushed %llu of %llu", (unsigned long long)push->done,
              (unsigned long long)progress->to_send);
    if (push->refused || push->unknown)
        text_addf(out, ", %llu refused, %llu unknown", (unsigned long long)push->refused,
                  (unsigned long long)push->unknown);
    if (seconds > 0 && push->done) {
        double rate = (double)push->done / seconds;
        clock_duration((int64_t)((double)(progress->to_send - push->done) / rate * 1000.0), left);
        text_addf(out, ", %.1f a second, %s left", rate, left);
    }
    if (push->breaker_open)
        text_add(out, ", the service keeps failing: waiting");
    else if (push->pause_ms > 1000)
        text_addf(out, ", pausing %lld s as asked", (long long)(push->pause_ms / 1000));
}

/* A line of progress waits for nobody: a pipe that is full, or a terminal that was stopped, must not hold up the run. */
static bool takes_a_line(FILE *stream)
{
    struct pollfd wait = {.fd = fileno(stream), .events = POLLOUT};
    return poll(&wait, 1, 0) == 1 && (wait.revents & POLLOUT);
}

static bool drawn;

void progress_show(void *self, const struct job_progress *progress)
{
    const struct call *call = self;
    static int64_t last_ms = -LINE_MS;
    bool asked = process_asked_for_progress();
    bool redraw =
        call->settings.progress == PROGRESS_AUTO && terminal_is(stderr) && !call->settings.quiet;
    int64_t gap = redraw ? REDRAW_MS : LINE_MS;
    int64_t now = call->world.clock.steady_ms(call->world.clock.self);
    if (!asked && ((!redraw && call->settings.progress != PROGRESS_LINES) || call->settings.quiet ||
                   now - last_ms < gap))
        return;
    if (!takes_a_line(stderr))
        return;
    last_ms = now;
    struct text line = {0};
    describe(progress, &line);
    size_t width = terminal_width(stderr);
    if (redraw && !asked) {
        fprintf(stderr, "\r\033[K%.*s", (int)(width > 1 ? width - 1 : 1), text_string(&line));
        fflush(stderr);
        drawn = true;
    } else {
        fprintf(stderr, "opspush: %s\n", text_string(&line));
    }
    text_clear(&line);
}

void progress_end(void)
{
    if (drawn)
        fputs("\r\033[K", stderr);
    drawn = false;
}

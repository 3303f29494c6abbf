#ifndef OPSPUSH_PUSH_PACE_H
#define OPSPUSH_PUSH_PACE_H

#include <stdint.h>

/*
 * How fast requests may go: a token bucket with a burst of one on the steady clock, so that no one-second window holds
 * more than the rate and one. Slows down by itself (x 0.7, at most once a second, never below a tenth of the ceiling, or
 * 2/s where there is none) and recovers evenly within a minute (by a tenth a second where there is no ceiling); only a pause that the server asked for goes lower.
 */
struct pace {
    double ceiling; /* requests a second; 0: none */
    double rate;    /* now allowed; 0: as fast as it goes */
    double next_ms; /* no request earlier */
    int64_t pause_until_ms;
    int64_t cut_ms, step_ms; /* when it was last slowed, when it last recovered a little */
    double peak;             /* what it recovers towards */
    double quick_ms, usual_ms;
    unsigned answers;
    int64_t
        second_ms; /* the second that is being counted, and how many went in it and in the one before */
    unsigned in_second;
    double seen;
};

void pace_init(struct pace *pace, double ceiling, int64_t now_ms);
/* Milliseconds until the next request may go; 0: now. */
int64_t pace_wait_ms(const struct pace *pace, int64_t now_ms);
/* A request goes now. */
void pace_take(struct pace *pace, int64_t now_ms);
/* The server asks to go slower: 429, 503. */
void pace_slow(struct pace *pace, int64_t now_ms);
/* A clear answer came after 'latency_ms': a little faster again, or slower when answers take ever longer. */
void pace_answer(struct pace *pace, int64_t now_ms, int64_t latency_ms);
/* No request before that time; an earlier end of a pause never shortens it. */
void pace_pause(struct pace *pace, int64_t until_ms);

#endif

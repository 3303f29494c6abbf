#ifndef OPSPUSH_TESTS_REPORT_SAMPLE_H
#define OPSPUSH_TESTS_REPORT_SAMPLE_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "unit.h"

/* The report of an invented push: 213 rows, 12 of them to send, one refused, four rejected, a guard passed by hand. */

static struct push_figures sample_figures;

static inline void sample_rows(struct report *report)
{
    struct report_row rejected = {.unique_id = "@00000007",
                                  .action = ACTION_REJECTED,
                                  .outcome = -1,
                                  .code = "required",
                                  .field = FIELD_EMAIL,
                                  .message = "email is missing",
                                  .fix = "fill EMAIL_UNIV in Banner"};
    static const uint32_t lines[] = {5, 18, 44, 61};
    for (size_t i = 0; i < 4; i++) {
        rejected.line = lines[i];
        report_add_row(report, &rejected);
    }
    struct report_row left_out = {.action = ACTION_LEFT_OUT,
                                  .outcome = -1,
                                  .code = "keep",
                                  .field = -1,
                                  .message = "active or returning"};
    for (uint32_t i = 0; i < 15; i++) {
        left_out.line = 100 + i;
        report_add_row(report, &left_out);
    }
    struct report_row refused = {.line = 77,
                                 .unique_id = "@00000077",
                                 .action = ACTION_NEW,
                                 .outcome = OUTCOME_REFUSED,
                                 .attempts = 2,
                                 .http_status = 400,
                                 .opscom_code = 9019,
                                 .code = "9019",
                                 .field = -1,
                                 .message = "canary.person@example.edu is taken"};
    report_add_row(report, &refused);
}

static inline void sample_guards(struct report *report)
{
    report->has_guards = true;
    for (int i = 0; i < GUARD_COUNT; i++)
        report->guards.of[i].passed = true;
    struct guard_verdict *changed = &report->guards.of[GUARD_CHANGED];
    changed->passed = false;
    changed->ignored = true;
    changed->applies = true;
    changed->value = 27.5;
    changed->limit = 25;
    strcpy(changed->text, "27.5 % of 201 known people changed, the limit is 25 %");
}

static inline void sample_http(struct report *report)
{
    memset(&sample_figures, 0, sizeof sample_figures);
    sample_figures.requests = 14;
    sample_figures.retries = 2;
    sample_figures.by_status[200] = 11;
    sample_figures.by_status[400] = 1;
    sample_figures.by_status[429] = 2;
    sample_figures.latency[100] = 14;
    sample_figures.latency_max_ms = 1500;
    sample_figures.minute[0].requests = 10;
    sample_figures.minute[2].requests = 4;
    sample_figures.minute[2].throttled = 2;
    report->push = &sample_figures;
    report->rate = 5;
}

static inline void sample_counts(struct report *report)
{
    report->counts = (struct counts){.rows = 213, .gone = 3, .known = 201};
    static const uint64_t actions[ACTION_COUNT] = {5, 7, 180, 15, 4, 2, 0};
    memcpy(report->counts.action, actions, sizeof actions);
    report->counts.outcome[OUTCOME_ACCEPTED] = 11;
    report->counts.outcome[OUTCOME_REFUSED] = 1;
    report->figures.fields_sent[FIELD_EMAIL] = 5;
    report->figures.fields_sent[FIELD_CITY] = 2;
    report->usual.runs = 14;
    report->usual.low[ACTION_NEW] = 2;
    report->usual.high[ACTION_NEW] = 9;
    report->usual.low[ACTION_CHANGED] = 10;
    report->usual.high[ACTION_CHANGED] = 31;
    report->usual.field_high[FIELD_EMAIL] = 3;
}

static inline void sample_report(struct report *report)
{
    static const char *const warnings[] = {"2 ids differ only in case"};
    static const char *const steps[] = {"mend rejects.csv and push it again"};
    *report = (struct report){.version = "0.1.0",
                              .command = "push",
                              .run = "20261122T012000Z-ab12",
                              .exit = 3,
                              .verdict = "partial",
                              .headline = "1 person was refused and 4 were rejected",
                              .started_ms = INT64_C(1795310400000),
                              .ended_ms = INT64_C(1795310404200),
                              .target = "https://ops.example.com/api/OC_TOMA/v1",
                              .is_push = true,
                              .folder = "/var/lib/opspush/runs/20261122T012000Z-ab12",
                              .warnings = warnings,
                              .warning_count = 1,
                              .next_steps = steps,
                              .next_step_count = 1};
    report->input.path = "students-day2.csv";
    report->input.bytes = 41234;
    report->input.rows = 213;
    report->input.digest = "00ff";
    report->input.modified_ms = INT64_C(1795306800000);
    report->mapping.path = "banner-students.jsonc";
    report->mapping.name = "Banner students";
    report->mapping.digest = "11ee";
    sample_counts(report);
    sample_rows(report);
    sample_guards(report);
    sample_http(report);
    report_add_note(report, "too_short", "leave out field", FIELD_PHONE_CELL,
                    "phone_cell has too few digits", 1);
    report_add_note(report, "too_short", "leave out field", FIELD_PHONE_CELL,
                    "phone_cell has too few digits", 1);
}

/* Is there a control character, but for line feeds (and what 'also' names)? */
static inline bool has_control(const char *bytes, size_t length, const char *also)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool control = byte < 0x20 || byte == 0x7f;
        if (byte == 0xc2 && i + 1 < length && (unsigned char)bytes[i + 1] < 0xa0)
            return true; /* C1 */
        if (control && byte != '\n' && !(byte && strchr(also, byte)))
            return true;
    }
    return false;
}

#endif

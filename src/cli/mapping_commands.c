#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "mapping/survey.h"
#include "report/report.h"

/* check, suggest, map: a mapping and an export; no state, no token, no network. */

static struct date today(const struct call *call)
{
    return clock_local_date(call->world.clock.wall_ms(call->world.clock.self));
}

static void print_problems(const struct problems *problems)
{
    struct text out = {0};
    if (problems->count)
        problems_print(problems, &out);
    cli_print_error(&out);
    text_clear(&out);
}

/* ---------------------------------------------------------------- check */

/* Another feed under this mapping's old name? Only a state that is there can tell; it is not created. */
static void warn_of_new_feed(struct call *call, const struct mapping *mapping)
{
    struct feed feed;
    struct fault fault;
    if (feed_open(&call->settings, &call->world, STATE_READ, NULL, NULL, false, &feed, &fault) ==
            0 &&
        feed.state) {
        struct population_name *names;
        size_t count;
        bool known = false;
        if (state_populations(feed.state, &names, &count, &fault) == 0) {
            for (size_t i = 0; i < count; i++)
                known = known || strcmp(names[i].feed, mapping_name(mapping)) == 0;
            if (count && !known)
                fprintf(stderr,
                        "warning: the state knows no feed called \"%s\" (it knows \"%s\"%s): a "
                        "mapping that is renamed "
                        "is another feed, and its people are loaded anew\n",
                        mapping_name(mapping), names[0].feed, count > 1 ? " and others" : "");
            population_names_free(names, count);
        }
    }
    feed_close(&feed);
}

/* The survey of the rows, and what they come to when the rows of one person are taken together. */
struct checker {
    struct survey *survey;
    struct text out;
};

static void check_begin(void *self, const struct mapping *mapping,
                        const struct export_record *heading)
{
    struct checker *checker = self;
    checker->survey = survey_new(mapping, heading);
}

static void check_row(void *self, const struct export_record *record,
                      const struct mapped_row *mapped, enum action action,
                      const struct reason *reason)
{
    struct checker *checker = self;
    (void)action, (void)reason;
    survey_add(checker->survey, record, mapped);
}

static void check_end(void *self, const struct export_facts *facts, const struct counts *counts)
{
    struct checker *checker = self;
    const uint64_t *rows = counts->action;
    survey_note_file(checker->survey, facts);
    survey_print(checker->survey, &checker->out);
    text_addf(&checker->out,
              "\nin all, the rows of one person taken together: %" PRIu64 " can be sent, %" PRIu64
              " rejected, %" PRIu64 " left out, %" PRIu64 " repeated\n",
              rows[ACTION_NEW], rows[ACTION_REJECTED], rows[ACTION_LEFT_OUT],
              rows[ACTION_REPEATED]);
}

static int check_export(struct call *call, const char *mapping, const char *path)
{
    struct checker checker = {0};
    struct job_result result;
    struct settings settings = call->settings;
    settings.mapping = mem_string(mapping);
    job_look(&settings, path, &call->world,
             &(struct job_viewer){.begin = check_begin,
                                  .row = check_row,
                                  .end = check_end,
                                  .is_check = true,
                                  .self = &checker},
             &result);
    progress_end();
    if (checker.survey && survey_has_damaged_ids(checker.survey))
        result.exit = job_worse(result.exit, 3);
    cli_print_error(&result.warnings);
    if (!call->settings.quiet || result.exit)
        cli_print(&checker.out);
    if (result.fault.text[0])
        cli_fail(&result.fault);
    int exit = result.exit;
    free(settings.mapping);
    survey_free(checker.survey);
    text_clear(&checker.out);
    job_result_clear(&result);
    return exit;
}

int command_check(struct call *call)
{
    struct problems problems = {0};
    struct text out = {0};
    const char *path = call->arguments[0];
    struct fault fault;
    int exit = fault_exit(FAULT_CONFIG);
    char *export_path = NULL;
    struct mapping *mapping = mapping_load(path, &problems);
    size_t cases = mapping ? mapping_run_cases(mapping, path, today(call), &problems) : 0;
    if (mapping)
        mapping_check_day(mapping, today(call), &problems);
    print_problems(&problems);
    if (!mapping || problems.errors)
        goto out;
    warn_of_new_feed(call, mapping);
    if (call->settings.table)
        mapping_table(mapping, &out);
    else if (!call->settings.quiet)
        text_addf(&out, "%s: the mapping \"%s\" is valid; %zu cases passed\n", path,
                  mapping_name(mapping), cases);
    cli_print(&out);
    exit = 0;
    if (call->argument_count > 1) {
        export_path = cli_export(call, call->arguments[1], &fault);
        exit = export_path ? check_export(call, path, export_path) : cli_fail(&fault);
    }
out:
    free(export_path);
    text_clear(&out);
    problems_clear(&problems);
    mapping_free(mapping);
    return exit;
}

/* ---------------------------------------------------------------- suggest */

/* Standard input in a nameless file, since a draft needs two looks; its path lives as long as the file. */
static FILE *keep_input(char path[32], struct fault *fault)
{
    char bytes[65536];
    size_t got;
    FILE *kept = tmpfile();
    while (kept && (got = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        fwrite(bytes, 1, got, kept);
    if (!kept || ferror(stdin) || fflush(kept) != 0) {
        fault_set(fault, FAULT_INPUT, "standard input cannot be read, or kept in a private file");
        if (kept)
            fclose(kept);
        return NULL;
    }
    snprintf(path, 32, "/dev/fd/%d", fileno(kept));
    return kept;
}

static int suggest(const char *path, const char *shown, struct fault *fault)
{
    struct export_guess guess;
    struct text out = {0};
    struct export *export = NULL;
    if (export_guess(path, &guess, fault) == 0) {
        struct export_dialect dialect = {.encoding = guess.encoding,
                                         .delimiter = guess.delimiter,
                                         .not_rows = guess.not_rows,
                                         .not_rows_count = guess.not_rows_count};
        export = export_open(path, NULL, &dialect, fault);
    }
    if (export) {
        mapping_suggest(&guess, export_heading(export), shown, &out);
        cli_print(&out);
    }
    int done = export ? 0 : -1;
    text_clear(&out);
    export_close(export);
    export_guess_clear(&guess);
    return done;
}

/* A fault names the input, and not the file in which it is kept. */
static void name_input(const char *path, struct fault *fault)
{
    size_t length = strlen(path);
    if (strncmp(fault->text, path, length) != 0)
        return;
    char *words = mem_format("standard input%s", fault->text + length);
    fault_set(fault, fault->kind, "%s", words);
    free(words);
}

int command_suggest(struct call *call)
{
    struct fault fault;
    char path[32];
    const char *given = call->arguments[0];
    bool is_input = text_is(given, "-");
    FILE *kept = is_input ? keep_input(path, &fault) : NULL;
    int done = is_input && !kept ? -1 : suggest(is_input ? path : given, given, &fault);
    if (kept)
        fclose(kept);
    if (kept && done < 0)
        name_input(path, &fault);
    return done < 0 ? cli_fail(&fault) : 0;
}

/* ---------------------------------------------------------------- map */

static void map_heading(field_set fields, struct text *out)
{
    bool first = true;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (fields & FIELD_BIT(field)) {
            text_addf(out, "%s%s", first ? "" : ",", field_info((enum field)field)->name);
            first = false;
        }
    text_add(out, "\r\n");
}

static void map_csv(const struct profile *profile, field_set fields, struct text *out)
{
    bool first = true;
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct profile_value *value = &profile->values[field];
        if (!(fields & FIELD_BIT(field)))
            continue;
        if (!first)
            text_add(out, ",");
        first = false;
        if (value->length)
            csv_add_cell(out, value->bytes, value->length, false);
    }
    text_add(out, "\r\n");
}

enum { MAP_BYTES = 65536 }; /* printed at once */

struct mapper_out {
    bool is_json;
    field_set fields; /* of the mapping */
    struct text out;
};

static void map_begin(void *self, const struct mapping *mapping,
                      const struct export_record *heading)
{
    struct mapper_out *to = self;
    (void)heading;
    to->fields = mapping_fields(mapping);
    if (!to->is_json)
        map_heading(to->fields, &to->out);
}

static void map_row(void *self, const struct export_record *record, const struct mapped_row *mapped,
                    enum action action, const struct reason *reason)
{
    struct mapper_out *to = self;
    const struct profile *profile = &mapped->profile;
    if (action == ACTION_REJECTED)
        fprintf(stderr, "opspush: line %u is rejected: %s\n", record->line, reason->message);
    if (action != ACTION_NEW)
        return;
    if (to->is_json) {
        profile_body(profile, profile_sent(profile, true, NULL), NULL, &to->out);
        text_add(&to->out, "\n");
    } else {
        map_csv(profile, to->fields, &to->out);
    }
    if (to->out.length < MAP_BYTES)
        return;
    cli_print(&to->out);
    text_reset(&to->out);
}

int command_map(struct call *call)
{
    struct mapper_out to = {.is_json = call->settings.json};
    struct job_result result;
    struct fault fault;
    char *path = cli_export(call, call->arguments[0], &fault);
    if (!path)
        return cli_fail(&fault);
    job_look(&call->settings, path, &call->world,
             &(struct job_viewer){.begin = map_begin, .row = map_row, .self = &to}, &result);
    progress_end();
    cli_print_error(&result.warnings);
    cli_print(&to.out); /* whole rows, where it was interrupted */
    if (result.fault.text[0])
        cli_fail(&result.fault);
    int exit = result.exit;
    text_clear(&to.out);
    job_result_clear(&result);
    free(path);
    return exit;
}

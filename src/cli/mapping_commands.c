#include "cli.h"

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

static int survey_rows(struct export *export, struct survey *survey, struct mapper *mapper,
                       struct fault *fault)
{
    struct export_record record;
    int step;
    while ((step = export_next(export, &record, fault)) == 1) {
        export_split(export, &record);
        survey_add(survey, &record, mapper_apply(mapper, &record));
    }
    return step;
}

static int check_export(struct call *call, struct mapping *mapping, const char *path)
{
    struct fault fault;
    struct problems problems = {0};
    struct text out = {0};
    int exit = fault_exit(FAULT_INPUT);
    struct export *export = export_open(path, NULL, mapping_dialect(mapping), &fault);
    if (!export)
        return cli_fail(&fault);
    struct survey *survey = NULL;
    struct mapper *mapper = NULL;
    int bound = mapping_bind(mapping, export_heading(export), &problems);
    print_problems(&problems);
    if (bound < 0)
        goto out;
    survey = survey_new(mapping, export_heading(export));
    mapper = mapper_new(mapping, today(call));
    bool whole = survey_rows(export, survey, mapper, &fault) == 0;
    survey_note_file(survey, export_facts(export));
    survey_print(survey, &out);
    if (!call->settings.quiet || !whole || survey_has_problems(survey))
        cli_print(&out);
    exit = !whole ? cli_fail(&fault) : survey_has_problems(survey) ? 3 : 0;
out:
    text_clear(&out);
    mapper_free(mapper);
    survey_free(survey);
    problems_clear(&problems);
    export_close(export);
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
        exit = export_path ? check_export(call, mapping, export_path) : cli_fail(&fault);
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

static int map_rows(struct call *call, struct mapping *mapping, struct export *export,
                    struct fault *fault)
{
    struct export_record record;
    struct text out = {0};
    uint64_t rejected = 0;
    int step;
    struct mapper *mapper = mapper_new(mapping, today(call));
    if (!call->settings.json)
        map_heading(mapping_fields(mapping), &out);
    while ((step = export_next(export, &record, fault)) == 1) {
        export_split(export, &record);
        const struct mapped_row *mapped = mapper_apply(mapper, &record);
        if (mapped->verdict == ROW_STOP) {
            step = fault_set(fault, FAULT_INPUT, "%s:%u: %s", export_facts(export)->path,
                             record.line, mapped->findings[0].message);
            break;
        }
        if (mapped->verdict == ROW_REJECTED) {
            rejected++;
            fprintf(stderr, "opspush: line %u is rejected: %s\n", record.line,
                    mapped->findings[0].message);
        }
        if (mapped->verdict != ROW_VALID)
            continue;
        if (call->settings.json) {
            profile_body(&mapped->profile, profile_sent(&mapped->profile, true, NULL), NULL, &out);
            text_add(&out, "\n");
        } else {
            map_csv(&mapped->profile, mapping_fields(mapping), &out);
        }
        cli_print(&out);
        text_reset(&out);
    }
    if (step == 0)
        cli_print(&out);
    mapper_free(mapper);
    text_clear(&out);
    return step < 0 ? -1 : rejected ? 3 : 0;
}

int command_map(struct call *call)
{
    struct problems problems = {0};
    struct fault fault;
    int exit;
    struct export *export = NULL;
    char *path = cli_export(call, call->arguments[0], &fault);
    struct mapping *mapping = path ? feed_mapping(call->settings.mapping, &problems, &fault) : NULL;
    if (!mapping)
        goto failed;
    export = export_open(path, NULL, mapping_dialect(mapping), &fault);
    if (!export)
        goto failed;
    if (mapping_bind(mapping, export_heading(export), &problems) < 0) {
        problems_fault(&problems, FAULT_INPUT, &fault);
        goto failed;
    }
    exit = map_rows(call, mapping, export, &fault);
    if (exit >= 0)
        goto out;
failed:
    print_problems(&problems);
    exit = cli_fail(&fault);
out:
    if (export)
        export_close(export);
    mapping_free(mapping);
    problems_clear(&problems);
    free(path);
    return exit;
}

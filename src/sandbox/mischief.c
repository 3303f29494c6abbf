#include "mischief.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct script_line {
    uint64_t from, to; /* numbers of requests; 0, 0: by person */
    char *unique_id;
    unsigned long times, left;
    struct mischief mischief;
};

struct mischief_plan {
    uint64_t seed;
    bool by_person;
    struct mischief *shares;
    size_t share_count;
    struct script_line *lines;
    size_t line_count;
};

static const struct kind_word {
    const char *word;
    enum mischief_kind kind;
    bool applied;
    long wait_ms;
} kind_words[] = {
    {"reset-before", MISCHIEF_RESET_BEFORE, false, 0},
    {"reset-after", MISCHIEF_RESET_AFTER, true, 0},
    {"stall", MISCHIEF_STALL, false, 120000},
    {"cut", MISCHIEF_CUT, true, 0},
    {"html", MISCHIEF_HTML, false, 0},
    {"redirect", MISCHIEF_REDIRECT, false, 0},
    {"late", MISCHIEF_LATE, true, 1000},
    {"says-error", MISCHIEF_SAYS_ERROR, false, 0},
    {"echo", MISCHIEF_ECHO, false, 0},
};

uint64_t mischief_mix(uint64_t seed)
{
    uint64_t z = seed + 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct mischief_plan *mischief_plan_new(uint64_t seed, bool by_person)
{
    struct mischief_plan *plan = mem_new(sizeof *plan);
    plan->seed = mischief_mix(seed);
    plan->by_person = by_person;
    return plan;
}

static void mischief_clear(struct mischief *mischief)
{
    free(mischief->retry_after);
    free(mischief->location);
    free(mischief->name);
    *mischief = (struct mischief){0};
}

void mischief_plan_free(struct mischief_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->share_count; i++)
        mischief_clear(&plan->shares[i]);
    for (size_t i = 0; i < plan->line_count; i++) {
        mischief_clear(&plan->lines[i].mischief);
        free(plan->lines[i].unique_id);
    }
    free(plan->shares);
    free(plan->lines);
    free(plan);
}

/* Reads a whole number at *at and moves behind it; -1 when there is none or it is over 'max'. */
static int take_number(const char **at, uint64_t max, uint64_t *out)
{
    const char *digit = *at;
    uint64_t number = 0;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        number = number * 10 + (uint64_t)(*digit - '0');
        if (number > max)
            return -1;
    }
    if (digit == *at)
        return -1;
    *at = digit;
    *out = number;
    return 0;
}

static int parse_kind(struct mischief *mischief, const char *word, struct fault *fault)
{
    for (size_t i = 0; i < sizeof kind_words / sizeof *kind_words; i++)
        if (!strcmp(word, kind_words[i].word)) {
            mischief->kind = kind_words[i].kind;
            mischief->applied = kind_words[i].applied;
            mischief->wait_ms = kind_words[i].wait_ms;
            return 0;
        }
    uint64_t number = 0;
    const char *at = word;
    if (take_number(&at, 9999, &number) == 0 && !*at && number >= 200 &&
        (number < 600 || number >= 9000)) {
        mischief->kind = number < 600 ? MISCHIEF_STATUS : MISCHIEF_ERROR;
        mischief->number = (int)number;
        return 0;
    }
    struct text known = {0};
    for (size_t i = 0; i < sizeof kind_words / sizeof *kind_words; i++)
        text_addf(&known, ", %s", kind_words[i].word);
    fault_set(fault, FAULT_USAGE,
              "there is no misbehaviour called \"%s\"; there are an HTTP status (200 to 599), an "
              "OPS-COM code (9000 to 9999)%s",
              word, text_string(&known));
    text_clear(&known);
    return -1;
}

/* One of ":applied", ":ms=N", ":retry-after=REST", ":to=REST"; gives what is behind it. */
static char *parse_parameter(struct mischief *mischief, char *parameter, struct fault *fault)
{
    if (!strncmp(parameter, "retry-after=", 12)) {
        free(mischief->retry_after);
        mischief->retry_after = mem_string(parameter + 12);
        return parameter + strlen(parameter);
    }
    if (!strncmp(parameter, "to=", 3)) {
        free(mischief->location);
        mischief->location = mem_string(parameter + 3);
        return parameter + strlen(parameter);
    }
    char *end = parameter + strcspn(parameter, ":");
    char *next = *end ? end + 1 : end;
    *end = '\0';
    uint64_t ms = 0;
    const char *at = parameter + 3;
    if (!strcmp(parameter, "applied")) {
        mischief->applied = true;
    } else if (!strncmp(parameter, "ms=", 3) && take_number(&at, 86400000, &ms) == 0 && !*at) {
        mischief->wait_ms = (long)ms;
    } else {
        fault_set(fault, FAULT_USAGE,
                  "there is no \":%s\"; there are :applied, :ms=NUMBER, and as the last one "
                  ":retry-after=VALUE or :to=URL",
                  parameter);
        return NULL;
    }
    return next;
}

/* KIND[=SHARE%][:PARAMETER...]; the share only where 'share' is wanted. */
static int parse_mischief(struct mischief *mischief, const char *written, bool share,
                          struct fault *fault)
{
    char *copy = mem_string(written);
    char *rest = copy + strcspn(copy, ":");
    char *parameters = *rest ? rest + 1 : rest;
    *rest = '\0';
    char *percent = strchr(copy, '=');
    int result = -1;
    *mischief = (struct mischief){0};
    if (share) {
        char *end = NULL;
        mischief->share = percent ? strtod(percent + 1, &end) / 100 : 0;
        if (!end || end == percent + 1 || strcmp(end, "%") != 0 ||
            !(mischief->share >= 0 && mischief->share <= 1)) {
            fault_set(fault, FAULT_USAGE, "\"%s\" needs its share of the requests, as in %s=5%%",
                      written, percent ? "429" : copy);
            goto out;
        }
        *percent = '\0';
    }
    if (parse_kind(mischief, copy, fault) < 0)
        goto out;
    mischief->name = *parameters ? mem_format("%s:%s", copy, parameters) : mem_string(copy);
    while (*parameters)
        if (!(parameters = parse_parameter(mischief, parameters, fault)))
            goto out;
    result = 0;
out:
    if (result < 0)
        mischief_clear(mischief);
    free(copy);
    return result;
}

int mischief_plan_add(struct mischief_plan *plan, const char *list, struct fault *fault)
{
    double sum = 0;
    for (size_t i = 0; i < plan->share_count; i++)
        sum += plan->shares[i].share;
    while (*list) {
        size_t length = strcspn(list, ",");
        char *one = mem_bytes(list, length);
        struct mischief mischief;
        int result = parse_mischief(&mischief, one, true, fault);
        free(one);
        if (result < 0)
            return -1;
        plan->shares = mem_resize(plan->shares, plan->share_count + 1, sizeof *plan->shares);
        plan->shares[plan->share_count++] = mischief;
        sum += mischief.share;
        list += length + (list[length] == ',');
    }
    if (sum > 1.0000001)
        return fault_set(fault, FAULT_USAGE, "the shares add up to %.4g %%, over 100 %%",
                         sum * 100);
    return 0;
}

/* The first word of a line: which requests it is about. */
static int parse_whom(struct script_line *line, const char *word, struct fault *fault)
{
    if (!strncmp(word, "id=", 3) && word[3]) {
        line->unique_id = mem_string(word + 3);
        return 0;
    }
    const char *at = word;
    if (take_number(&at, UINT64_MAX / 16, &line->from) == 0 && line->from > 0) {
        line->to = line->from;
        if (*at == '-') {
            line->to = UINT64_MAX;
            if (!*++at || (take_number(&at, UINT64_MAX / 16, &line->to) == 0 && !*at))
                return 0;
        } else if (!*at) {
            return 0;
        }
    }
    return fault_set(fault, FAULT_USAGE,
                     "\"%s\" is neither a request's number, nor FROM-TO, FROM- or id=UNIQUE_ID",
                     word);
}

/* "KIND [TIMES]": the last word is TIMES when the line is about a person and the word is a number. */
static void take_times(struct script_line *line, char *kind)
{
    char *last = strrchr(kind, ' ');
    line->times = line->left = (unsigned long)-1;
    if (!last || !line->unique_id)
        return;
    uint64_t times = 0;
    const char *at = last + 1;
    if (take_number(&at, 1000000000, &times) < 0 || *at)
        return;
    line->times = line->left = (unsigned long)times;
    *last = '\0';
}

static int parse_line(struct mischief_plan *plan, char *words, struct fault *fault)
{
    size_t end = strlen(words);
    while (end && strchr(" \t\r", words[end - 1]))
        words[--end] = '\0';
    words += strspn(words, " \t");
    if (!*words || *words == '#')
        return 0;
    char *kind = words + strcspn(words, " \t");
    if (*kind)
        *kind++ = '\0';
    kind += strspn(kind, " \t");
    struct script_line line = {0};
    if (parse_whom(&line, words, fault) < 0)
        return -1;
    take_times(&line, kind);
    if (parse_mischief(&line.mischief, kind, false, fault) < 0) {
        free(line.unique_id);
        return -1;
    }
    plan->lines = mem_resize(plan->lines, plan->line_count + 1, sizeof *plan->lines);
    plan->lines[plan->line_count++] = line;
    return 0;
}

int mischief_plan_script(struct mischief_plan *plan, const char *path, const struct text *lines,
                         struct fault *fault)
{
    const char *at = text_string(lines);
    for (unsigned number = 1; *at; number++) {
        size_t length = strcspn(at, "\n");
        char *line = mem_bytes(at, length);
        int result = parse_line(plan, line, fault);
        free(line);
        if (result < 0)
            return fault_place(fault, "%s:%u", path, number);
        at += length + (at[length] == '\n');
    }
    return 0;
}

void mischief_plan_rewind(struct mischief_plan *plan)
{
    for (size_t i = 0; i < plan->line_count; i++)
        plan->lines[i].left = plan->lines[i].times;
}

static uint64_t hash_string(const char *string)
{
    uint64_t hash = 0;
    for (; *string; string++)
        hash = mischief_mix(hash ^ (unsigned char)*string);
    return hash;
}

static bool line_fits(struct script_line *line, uint64_t number, const char *unique_id)
{
    if (!line->unique_id)
        return number >= line->from && number <= line->to;
    if (!line->left || strcmp(line->unique_id, unique_id) != 0)
        return false;
    line->left--;
    return true;
}

const struct mischief *mischief_choose(struct mischief_plan *plan, uint64_t number,
                                       const char *unique_id, uint64_t earlier)
{
    for (size_t i = 0; i < plan->line_count; i++)
        if (line_fits(&plan->lines[i], number, unique_id))
            return &plan->lines[i].mischief;
    if (!plan->share_count)
        return NULL;
    uint64_t which = plan->by_person && *unique_id ? hash_string(unique_id) + earlier : number;
    double draw = (double)(mischief_mix(plan->seed ^ which) >> 11) / 9007199254740992.0;
    for (size_t i = 0; i < plan->share_count; i++) {
        if (draw < plan->shares[i].share)
            return &plan->shares[i];
        draw -= plan->shares[i].share;
    }
    return NULL;
}

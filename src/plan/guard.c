#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { KNOWN_MIN = 25, ROWS_MIN = 25, OFF_PERCENT = 100 };

static const double ms_per_hour = 3600000.0;

void verdict_say(struct guard_verdict *verdict, const char *words, ...)
{
    size_t length = strlen(verdict->text);
    va_list args;
    va_start(args, words);
    vsnprintf(verdict->text + length, sizeof verdict->text - length, words, args);
    va_end(args);
}

struct percent percent_text(double value)
{
    struct percent out;
    uint64_t hundredths = (uint64_t)(value * 100.0 + 0.5);
    int length = snprintf(out.text, sizeof out.text, "%" PRIu64 ".%02u", hundredths / 100,
                          (unsigned)(hundredths % 100));
    while (out.text[length - 1] == '0')
        out.text[--length] = '\0';
    if (out.text[length - 1] == '.')
        out.text[--length] = '\0';
    return out;
}

/* ---------------------------------------------------------------- one guard each */

/* 'part' of 'whole' against a limit in percent: 'what' and 'of_what' name them. */
static void judge_share(struct guard_verdict *verdict, const char *what, uint64_t part,
                        const char *of_what, uint64_t whole, double limit)
{
    verdict->value = whole ? 100.0 * (double)part / (double)whole : 0;
    verdict->limit = limit;
    verdict->passed = limit >= OFF_PERCENT || verdict->value <= limit;
    verdict_say(verdict, "%s: %" PRIu64 " (%s %% of the %" PRIu64 " %s); the limit is %s %%", what,
                part, percent_text(verdict->value).text, whole, of_what, percent_text(limit).text);
}

static void judge_shrinking(const struct evidence *evidence, struct guard_verdict *verdict)
{
    double before = (double)evidence->baseline->rows, now = (double)evidence->counts->rows;
    double percent = evidence->limits->rows_fewer_percent;
    if (evidence->baseline->first_load || before == 0 || percent >= OFF_PERCENT)
        return;
    double least = before - before * percent / 100.0, fewer = 100.0 * (before - now) / before;
    if (verdict->passed && least > verdict->limit)
        verdict->limit = least;
    if (!verdict->passed || fewer <= percent)
        return;
    verdict->passed = false;
    verdict->limit = least;
    verdict_say(verdict,
                ", %s %% fewer than the %" PRIu64 " of the last finished run; the limit is %s %%",
                percent_text(fewer).text, evidence->baseline->rows, percent_text(percent).text);
}

/* The value is the rows, the limit the bound that they overstep, or else the lower one. */
static void judge_rows(const struct evidence *evidence, struct guard_verdict *verdict)
{
    const struct limits *limits = evidence->limits;
    verdict->value = (double)evidence->counts->rows;
    verdict->limit = limits->rows_min > 0 ? (double)limits->rows_min : 0;
    verdict_say(verdict, "rows of data: %" PRIu64, evidence->counts->rows);
    if (limits->rows_min >= 0 && verdict->value < (double)limits->rows_min) {
        verdict->passed = false;
        verdict_say(verdict, ", fewer than the %ld that \"rows_between\" asks for",
                    limits->rows_min);
    } else if (limits->rows_max >= 0 && verdict->value > (double)limits->rows_max) {
        verdict->passed = false;
        verdict->limit = (double)limits->rows_max;
        verdict_say(verdict, ", more than the %ld that \"rows_between\" allows", limits->rows_max);
    }
    judge_shrinking(evidence, verdict);
}

static void judge_age(const struct evidence *evidence, struct guard_verdict *verdict)
{
    long limit = evidence->limits->max_age_hours;
    if (limit < 0 || evidence->facts->age_ms < 0) {
        verdict->limit = limit < 0 ? 0 : (double)limit;
        verdict_say(verdict, limit < 0 ? "the mapping sets no \"max_age_hours\""
                                       : "the age of the export cannot be told");
        return;
    }
    verdict->value = (double)evidence->facts->age_ms / ms_per_hour;
    verdict->limit = (double)limit;
    verdict->passed = verdict->value <= verdict->limit;
    verdict_say(verdict, "the export is %s hours old; \"max_age_hours\" is %ld",
                percent_text(verdict->value).text, limit);
}

static void judge_same(const struct evidence *evidence, struct guard_verdict *verdict)
{
    bool is_refused = evidence->limits->same_file_refused;
    bool is_same = evidence->baseline->digest[0] &&
                   strcmp(evidence->baseline->digest, evidence->facts->digest) == 0;
    verdict->value = is_same;
    verdict->limit = !is_refused;
    verdict->passed = !is_same || !is_refused;
    if (is_same)
        verdict_say(verdict, "the export is byte for byte that of the last finished run%s",
                    is_refused ? ", which the mapping refuses (\"same_file\")" : "");
}

static void judge_first_load(const struct evidence *evidence, struct guard_verdict *verdict)
{
    verdict->value = evidence->baseline->first_load;
    verdict->limit = evidence->facts->first_load_allowed;
    verdict->passed = !evidence->baseline->first_load || evidence->facts->first_load_allowed;
    if (evidence->baseline->first_load)
        verdict_say(verdict,
                    "no run of this feed to this target has finished yet, and %" PRIu64
                    " people of this export would be new",
                    evidence->counts->action[ACTION_NEW]);
    else
        verdict_say(verdict, "this feed was loaded to this target before");
}

static void judge_new(const struct evidence *evidence, struct guard_verdict *verdict)
{
    judge_share(verdict, "new people", evidence->figures->fresh, "known", evidence->figures->known,
                evidence->limits->new_percent);
}

static void judge_changed(const struct evidence *evidence, struct guard_verdict *verdict)
{
    const struct plan_figures *figures = evidence->figures;
    judge_share(verdict, "people who changed in the data",
                figures->changed - figures->changed_by_mapping, "known", figures->known,
                evidence->limits->changed_percent);
    if (figures->changed_by_mapping)
        verdict_say(verdict, "; %" PRIu64 " more would change only because the mapping did",
                    figures->changed_by_mapping);
}

static void judge_gone(const struct evidence *evidence, struct guard_verdict *verdict)
{
    if (evidence->figures->id_unreadable)
        verdict_say(verdict, "nobody counts as missing, since the id of a rejected row cannot be "
                             "read; ");
    judge_share(verdict, "people newly missing from the export", evidence->figures->gone, "known",
                evidence->figures->known, evidence->limits->gone_percent);
}

static void judge_rejected(const struct evidence *evidence, struct guard_verdict *verdict)
{
    judge_share(verdict, "rejected rows", evidence->counts->action[ACTION_REJECTED], "rows",
                evidence->counts->rows, evidence->limits->rejected_percent);
}

static void judge_mapping(const struct evidence *evidence, struct guard_verdict *verdict)
{
    judge_share(verdict, "people who would change only because the mapping did",
                evidence->figures->changed_by_mapping, "known", evidence->figures->known,
                evidence->limits->mapping_percent);
}

/* ---------------------------------------------------------------- all of them */

static const struct {
    const char *name;
    void (*judge)(const struct evidence *evidence, struct guard_verdict *verdict);
    bool of_whole_files; /* a partial file is exempt */
    bool when_adopting;
    bool of_known; /* against the known: not in a first load, nor of a few */
} guards[GUARD_COUNT] = {
    [GUARD_ROWS] = {"rows", judge_rows, .of_whole_files = true, .when_adopting = true},
    [GUARD_AGE] = {"age", judge_age, .of_whole_files = true, .when_adopting = true},
    [GUARD_SAME] = {"same", judge_same, .of_whole_files = true},
    [GUARD_FIRST_LOAD] = {"first-load", judge_first_load, .of_known = false},
    [GUARD_NEW] = {"new", judge_new, .of_known = true},
    [GUARD_CHANGED] = {"changed", judge_changed, .of_known = true},
    [GUARD_GONE] = {"gone", judge_gone, .of_whole_files = true, .of_known = true},
    [GUARD_REJECTED] = {"rejected", judge_rejected, .of_whole_files = true, .when_adopting = true},
    [GUARD_FIELD] = {"field", judge_field, .of_known = true},
    [GUARD_MAPPING] = {"mapping", judge_mapping, .of_known = true},
};

const char *guard_name(enum guard guard)
{
    return guards[guard].name;
}

int guard_find(const char *name)
{
    for (int guard = 0; guard < GUARD_COUNT; guard++)
        if (text_is(guards[guard].name, name))
            return guard;
    return -1;
}

/* Why a guard does not apply, or NULL. */
static const char *guard_exemption(enum guard guard, const struct evidence *evidence)
{
    if (evidence->facts->adopting && !guards[guard].when_adopting)
        return "people are only marked as delivered";
    if (evidence->facts->partial && guards[guard].of_whole_files)
        return "a part of an export";
    if (guard == GUARD_MAPPING && evidence->facts->only_data)
        return "what only the mapping would change is not sent (--only-data)";
    if (guards[guard].of_known && evidence->baseline->first_load)
        return "a first load";
    if (guards[guard].of_known && evidence->figures->known < KNOWN_MIN)
        return "fewer than 25 people are known";
    if (guard == GUARD_REJECTED && evidence->counts->rows < ROWS_MIN)
        return "fewer than 25 rows";
    return NULL;
}

/* To adopt, a saved plan is no way: pushing it would send the people who are to be marked alone. */
static void verdict_advise(struct guard_verdict *verdict, enum guard guard, bool adopting)
{
    if (adopting)
        verdict_say(verdict, "; if it is meant, pass this guard once with `--ignore %s`",
                    guard_name(guard));
    else if (guard == GUARD_FIRST_LOAD)
        verdict_say(verdict, "; if this first load is meant, say so with `--first-load`");
    else
        verdict_say(verdict,
                    ". Look at it with `opspush plan EXPORT --out FILE`, then push just that with "
                    "`opspush push --plan FILE`; or pass this guard once with `--ignore %s`",
                    guard_name(guard));
}

static void guard_conclude(enum guard guard, const struct guard_facts *facts,
                           struct guard_judgement *out)
{
    struct guard_verdict *verdict = &out->of[guard];
    guard_set bit = (guard_set)1 << guard;
    if (verdict->passed)
        return;
    verdict->ignored = (facts->ignored | facts->approved) & bit;
    if (!verdict->ignored) {
        out->tripped |= bit;
        verdict_advise(verdict, guard, facts->adopting);
    } else if (facts->ignored & bit) {
        verdict_say(verdict, "; passed by --ignore %s", guard_name(guard));
    } else {
        verdict_say(verdict, "; passed by the saved plan");
    }
}

void guards_judge(const struct limits *limits, const struct plan *plan,
                  const struct baseline *baseline, const struct guard_facts *facts,
                  struct guard_judgement *out)
{
    struct evidence evidence = {limits, plan_counts(plan), plan_figures(plan), baseline, facts};
    *out = (struct guard_judgement){.tripped = 0};
    for (enum guard guard = 0; guard < GUARD_COUNT; guard++) {
        struct guard_verdict *verdict = &out->of[guard];
        const char *exemption = guard_exemption(guard, &evidence);
        verdict->passed = true;
        verdict->applies = !exemption;
        guards[guard].judge(&evidence, verdict);
        if (exemption) {
            verdict->passed = true;
            verdict->text[0] = '\0';
            if (guard != GUARD_SAME) /* whose words are a notice */
                verdict_say(verdict, "not judged: %s", exemption);
        }
        guard_conclude(guard, facts, out);
    }
}

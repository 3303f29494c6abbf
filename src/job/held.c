#include "job_private.h"

#include <stdlib.h>

#include "push/answer.h"

/* What is told of people whom the server refused: its reason, since when, and who has to act (data, mapping, IT, vendor). */

const char *job_refusal_advice(const char *code)
{
    static const char
        data[] = "data: correct the value in the source system, or the mapping where all have it",
        clash[] = "data: another OPS-COM user has this e-mail or user name: find out who, and "
                  "correct one of the two";
    static const struct {
        const char *code, *advice;
    } known[] = {
        {"9013", data},
        {"9014", "mapping: login_source must be filled"},
        {"9015",
         "mapping or IT: login_source must be the code of an active login source in OPS-COM"},
        {"9016", data},
        {"9017", data},
        {"9018", data},
        {"9019", clash},
        {"9020", clash},
        {"9022", "IT: OPS-COM holds such a record already: resolve the duplicate there"},
        {"9030", data},
        {"9031", data},
        {"9032", data},
        {"9033", data},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_is(code, known[i].code))
            return known[i].advice;
    return "vendor: ask OPS-COM what this answer means";
}

static void add_meaning(struct text *out, const char *code)
{
    char *end;
    long number = strtol(code, &end, 10);
    bool is_number = *code && !*end;
    const char *meaning = is_number ? opscom_meaning(number) : NULL;
    if (is_number)
        text_addf(out, "%s%sOPS-COM code %ld%s", meaning ? meaning : "", meaning ? " (" : "",
                  number, meaning ? ")" : "");
    else
        text_add(out, *code ? code : "without a code");
}

void job_tell_held(struct job *job, const struct plan_row *row, struct report_row *told,
                   struct text *words)
{
    struct person_detail person;
    struct fault ignored;
    if (!row->handle || !text_is(told->code, "refused_before") ||
        state_person(job->feed.state, job->feed.people, row->handle, &person, &ignored) < 0)
        return;
    const char *code = person.refused_code ? person.refused_code : "";
    text_reset(words);
    text_addf(words, "%s: ", told->message);
    add_meaning(words, code);
    told->message = text_string(words);
    told->fix = job_refusal_advice(code);
    told->since_ms = person.refused_ms;
    told->nights = person.refused_runs;
    person_detail_clear(&person);
}

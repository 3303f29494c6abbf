#include "plan/saved.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "saved_form.h"

const char *const form_flags[FORM_FLAGS] = {"unsettled", "refresh", "full", "mapping_only",
                                            "delivered_before"};

void plan_binding_clear(struct plan_binding *binding)
{
    free(binding->export_digest);
    free(binding->mapping_digest);
    free(binding->target);
    free(binding->feed);
    free(binding->state_identity);
    free(binding->options);
    *binding = (struct plan_binding){0};
}

const char *plan_binding_differs(const struct plan_binding *saved, const struct plan_binding *now)
{
    if (!text_is(saved->target, now->target))
        return "the plan was made for another target";
    if (!text_is(saved->feed, now->feed))
        return "the plan was made for another feed (the mapping's name)";
    if (!text_is(saved->export_digest, now->export_digest))
        return "the export changed since the plan was made";
    if (!text_is(saved->mapping_digest, now->mapping_digest))
        return "the mapping or one of its lists changed since the plan was made";
    if (!text_is(saved->state_identity, now->state_identity))
        return "the plan was made with another state, or before there was one";
    if (saved->run_counter != now->run_counter)
        return "something was pushed or adopted since the plan was made";
    if (!text_is(saved->options, now->options))
        return "the plan was made with other options";
    return NULL;
}

void saved_plan_free(struct saved_plan *plan)
{
    if (!plan)
        return;
    plan_binding_clear(&plan->binding);
    free(plan->created);
    free(plan->export_path);
    free(plan->mapping_path);
    for (size_t i = 0; i < plan->reason_count; i++) {
        free(plan->reasons[i].code);
        free(plan->reasons[i].message);
        free(plan->reasons[i].fix);
    }
    free(plan->reasons);
    for (size_t i = 0; i < plan->row_count; i++)
        free(plan->rows[i].sealed_id);
    free(plan->rows);
    free(plan);
}

char *saved_bytes_text(const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    char *out = mem_array(2 * length + 1, 1);
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[from[i] >> 4];
        out[2 * i + 1] = digits[from[i] & 15];
    }
    return out;
}

static unsigned digit_value(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

int saved_bytes_from(const char *text, struct text *out)
{
    size_t length = strlen(text);
    if (length % 2 || strspn(text, "0123456789abcdef") != length)
        return -1;
    text_reserve(out, length / 2);
    for (; *text; text += 2)
        text_add_byte(out, (char)(digit_value(text[0]) << 4 | digit_value(text[1])));
    return 0;
}

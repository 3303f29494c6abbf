#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "mapper.h"

PRINTF_LIKE(1, 0)
static char *words_format(const char *words, va_list list)
{
    struct text text = {0};
    text_addv(&text, words, list);
    text_string(&text);
    return text_take(&text);
}

void trace_field_begin(struct mapper *mapper, const struct field_rule *rule)
{
    struct trace *trace = mapper->trace;
    trace->fields = mem_resize(trace->fields, trace->count + 1, sizeof *trace->fields);
    trace->fields[trace->count++] = (struct trace_field){
        .field = rule->field, .line = json_line(mapper->mapping->document, rule->place)};
}

void trace_value(struct mapper *mapper, struct span value, const char *words, ...)
{
    struct trace_field *field = &mapper->trace->fields[mapper->trace->count - 1];
    va_list list;
    va_start(list, words);
    field->steps = mem_resize(field->steps, field->count + 1, sizeof *field->steps);
    field->steps[field->count++] = (struct trace_step){
        .what = words_format(words, list), .value = mem_bytes(value.bytes, value.length)};
    va_end(list);
}

void trace_rule(struct mapper *mapper, const char *words, ...)
{
    if (mapper->trace->row_rule)
        return;
    va_list list;
    va_start(list, words);
    mapper->trace->row_rule = words_format(words, list);
    va_end(list);
}

const struct mapped_row *mapper_trace(struct mapper *mapper, const struct export_record *record,
                                      struct trace *trace)
{
    trace_clear(trace);
    mapper->trace = trace;
    const struct mapped_row *row = mapper_apply(mapper, record);
    mapper->trace = NULL;
    return row;
}

void trace_clear(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        for (size_t s = 0; s < trace->fields[i].count; s++) {
            free(trace->fields[i].steps[s].what);
            free(trace->fields[i].steps[s].value);
        }
        free(trace->fields[i].steps);
    }
    free(trace->fields);
    free(trace->row_rule);
    *trace = (struct trace){0};
}

#include "pages.h"

#include <inttypes.h>

enum { HOME_ENTRIES = 20 };

static void write_person(const struct person *person, struct json_writer *writer)
{
    json_open_object(writer);
    json_put_member(writer, "unique_id", person->unique_id);
    json_put_count(writer, "reference_id", person->reference_id);
    json_put_count(writer, "posts", (int64_t)person->posts);
    json_put_count(writer, "received", (int64_t)person->received);
    json_put_count(writer, "first", (int64_t)person->first_request);
    json_put_count(writer, "last", (int64_t)person->last_request);
    json_put_key(writer, "profile");
    json_open_object(writer);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (person->have & FIELD_BIT(field))
            json_put_member(writer, field_info((enum field)field)->name,
                            person_value(person, (enum field)field));
    json_close_object(writer);
    json_put_key(writer, "pushed");
    json_open_array(writer);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (person->pushed & FIELD_BIT(field))
            json_put_string(writer, field_info((enum field)field)->name);
    json_close_array(writer);
    json_close_object(writer);
}

void page_received(struct people *people, const struct journal *journal, struct text *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out, 0);
    json_open_object(&writer);
    json_put_key(&writer, "people");
    json_open_array(&writer);
    for (size_t i = 0; i < people_seen(people); i++)
        if (people_at(people, i)->posts)
            write_person(people_at(people, i), &writer);
    json_close_array(&writer);
    json_put_key(&writer, "requests");
    json_open_array(&writer);
    for (size_t i = 0; i < journal->count; i++)
        entry_write(&journal->entries[i], &writer);
    json_close_array(&writer);
    json_close_object(&writer);
    text_add_byte(out, '\n');
}

void page_stats(const struct people *people, const struct journal *journal, struct text *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out, 2);
    tally_write(journal, people_count(people), &writer);
    text_add_byte(out, '\n');
}

static void add_escaped(struct text *out, const char *string)
{
    for (; *string; string++)
        switch (*string) {
        case '&':
            text_add(out, "&amp;");
            break;
        case '<':
            text_add(out, "&lt;");
            break;
        case '>':
            text_add(out, "&gt;");
            break;
        case '"':
            text_add(out, "&quot;");
            break;
        case '\'':
            text_add(out, "&#39;");
            break;
        default:
            text_add_byte(out, *string);
        }
}

static void add_entry_row(struct text *out, const struct entry *entry)
{
    text_addf(out, "<tr><td>%" PRIu64 "<td>%" PRId64 "<td>", entry->number, entry->ms);
    add_escaped(out, entry->unique_id);
    text_addf(out, "<td>%s<td>%d<td>%d<td>", fate_name(entry->fate), entry->status, entry->code);
    add_escaped(out, entry->mischief ? entry->mischief->name : "");
    text_add(out, "\n");
}

void page_home(const struct people *people, const struct journal *journal, struct text *out)
{
    const struct tally *tally = &journal->tally;
    text_add(out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                  "<title>opspush sandbox</title>\n"
                  "<style>body{font:16px sans-serif;max-width:60em;margin:2em auto}"
                  "td,th{padding:.1em .8em .1em 0;text-align:left}</style>\n"
                  "<h1>opspush sandbox</h1>\n"
                  "<p>A stand-in for the OPS-COM Controller, on this machine alone.\n<table>\n");
    text_addf(out, "<tr><th>people<td>%zu\n", people_count(people));
    text_addf(out, "<tr><th>pushes<td>%" PRIu64 "\n", tally->requests);
    text_addf(out, "<tr><th>accepted<td>%" PRIu64 "\n", tally->accepted);
    text_addf(out, "<tr><th>refused<td>%" PRIu64 "\n", tally->refused);
    text_addf(out, "<tr><th>misbehaved<td>%" PRIu64 "\n", tally->misbehaved);
    text_add(out, "</table>\n<p><a href=\"/sandbox/received\">what was received</a> · "
                  "<a href=\"/sandbox/stats\">all counts</a>\n<h2>The last requests</h2>\n"
                  "<table>\n<tr><th>number<th>ms<th>unique_id<th>outcome<th>status<th>code"
                  "<th>misbehaviour\n");
    size_t first = journal->count > HOME_ENTRIES ? journal->count - HOME_ENTRIES : 0;
    for (size_t i = journal->count; i > first; i--)
        add_entry_row(out, &journal->entries[i - 1]);
    text_add(out, "</table>\n</html>\n");
}

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

const char *fate_name(enum fate fate)
{
    static const char *const names[] = {"accepted", "refused", "misbehaved"};
    return names[fate];
}

int journal_open(struct journal *journal, const char *path, struct fault *fault)
{
    if (!strcmp(path, "-")) {
        journal->file = stderr;
        return 0;
    }
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    journal->file = descriptor < 0 ? NULL : fdopen(descriptor, "a");
    if (!journal->file) {
        int why = errno;
        if (descriptor >= 0)
            close(descriptor);
        return fault_set(fault, FAULT_CONFIG, "cannot write the log %s: %s", path, strerror(why));
    }
    return 0;
}

void journal_reset(struct journal *journal)
{
    uint64_t in_flight = journal->tally.in_flight;
    free(journal->entries);
    *journal = (struct journal){.file = journal->file};
    journal->tally.in_flight = in_flight;
}

void journal_close(struct journal *journal)
{
    if (journal->file && journal->file != stderr)
        fclose(journal->file);
    free(journal->entries);
    *journal = (struct journal){0};
}

void journal_count(struct journal *journal, const struct entry *entry)
{
    struct tally *tally = &journal->tally;
    tally->requests++;
    switch (entry->fate) {
    case FATE_ACCEPTED:
        tally->accepted++;
        break;
    case FATE_REFUSED:
        tally->refused++;
        break;
    case FATE_MISBEHAVED:
        tally->misbehaved++;
        break;
    }
    if (entry->status > 0 && entry->status < 600)
        tally->by_status[entry->status]++;
    if (entry->code >= 9000 && entry->code < 10000)
        tally->by_code[entry->code - 9000]++;
}

static void write_members(const struct entry *entry, struct json_writer *writer)
{
    json_put_count(writer, "number", (int64_t)entry->number);
    json_put_count(writer, "ms", entry->ms);
    json_put_count(writer, "connection", (int64_t)entry->connection);
    json_put_member(writer, "unique_id", entry->unique_id);
    json_put_member(writer, "outcome", fate_name(entry->fate));
    json_put_count(writer, "status", entry->status);
    if (entry->code)
        json_put_count(writer, "code", entry->code);
    if (entry->mischief)
        json_put_member(writer, "misbehaviour", entry->mischief->name);
}

void entry_write(const struct entry *entry, struct json_writer *writer)
{
    json_open_object(writer);
    write_members(entry, writer);
    json_close_object(writer);
}

static void log_line(FILE *file, const struct entry *entry, const struct submission *submission)
{
    struct text line = {0};
    struct json_writer writer;
    json_writer_init(&writer, &line, 0);
    json_open_object(&writer);
    write_members(entry, &writer);
    if (submission) {
        json_put_key(&writer, "profile");
        json_open_object(&writer);
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if (submission->values[field])
                json_put_member(&writer, field_info((enum field)field)->name,
                                submission->values[field]);
        json_close_object(&writer);
    }
    json_close_object(&writer);
    text_add_byte(&line, '\n');
    fwrite(line.bytes, 1, line.length, file);
    fflush(file);
    text_clear(&line);
}

void journal_add(struct journal *journal, const struct entry *entry,
                 const struct submission *submission)
{
    journal_count(journal, entry);
    if (journal->file)
        log_line(journal->file, entry, submission);
    if (journal->count == JOURNAL_ENTRIES_MAX) {
        journal->dropped++;
        return;
    }
    if (journal->count == journal->capacity) {
        journal->capacity = journal->capacity ? journal->capacity * 2 : 1024;
        journal->entries = mem_resize(journal->entries, journal->capacity, sizeof(struct entry));
    }
    journal->entries[journal->count++] = *entry;
}

static void write_numbered(struct json_writer *writer, const char *key, const uint64_t *counts,
                           int length, int first)
{
    json_put_key(writer, key);
    json_open_object(writer);
    for (int i = 0; i < length; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", first + i);
        if (counts[i])
            json_put_count(writer, name, (int64_t)counts[i]);
    }
    json_close_object(writer);
}

void tally_write(const struct journal *journal, size_t people, struct json_writer *writer)
{
    const struct tally *tally = &journal->tally;
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"requests", tally->requests},
        {"accepted", tally->accepted},
        {"refused", tally->refused},
        {"misbehaved", tally->misbehaved},
        {"people", people},
        {"types_lists", tally->types_lists},
        {"other_requests", tally->other_requests},
        {"redirects_followed", tally->redirects_followed},
        {"connections", tally->connections},
        {"alias_pairs", tally->alias_pairs},
        {"unknown_fields", tally->unknown_fields},
        {"most_in_flight", tally->most_in_flight},
        {"overlaps", tally->overlaps},
        {"log_dropped", journal->dropped},
    };
    json_open_object(writer);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_put_count(writer, counts[i].name, (int64_t)counts[i].count);
    write_numbered(writer, "by_status", tally->by_status, 600, 0);
    write_numbered(writer, "by_code", tally->by_code, 1000, 9000);
    json_close_object(writer);
}

/* People who join, leave, change and change back, and the export of a night. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"

/* The canary: in every name and address, and nowhere else. */
#define CANARY "Qzxvw"

static const char *const first_names[] = {
    "Ada", "Bj\xc3\xb6rn", "Chlo\xc3\xa9", "Dee-Dee", "Eve \"E\" ", "Fay, Jr", "G", "Hu"};
static const char *const last_names[] = {
    "Lovelace", "O'Neil", "M\xc3\xbcller", "de la Cruz", "Smith", "Yu", "X", "Ng"};

void person_id(int person, char out[16])
{
    memcpy(out, "U7xq000", sizeof "U7xq000");
    for (int at = 6; person; person /= 10)
        out[at--] = (char)('0' + person % 10);
}

int person_of_id(const char *id)
{
    int person;
    char rest;
    if (sscanf(id, "U7xq%3d%c", &person, &rest) != 1 || person < 0 || person >= PEOPLE_MAX)
        return -1;
    return person;
}

uint64_t payload_mark(const struct payload *payload)
{
    uint64_t mark = 1;
    for (int column = 0; column < COLUMNS; column++)
        for (const char *at = payload->value[column]; *at; at++)
            mark = (mark ^ (uint64_t)(unsigned char)*at ^ (uint64_t)column << 8) *
                   UINT64_C(0x100000001b3);
    return mark | 1;
}

static void payload_make(int person, uint32_t version, struct payload *out)
{
    uint64_t chance = mix(sim->seed ^ (uint64_t)person << 32, version);
    memset(out, 0, sizeof *out);
    snprintf(out->value[COLUMN_FIRST], FIELD_BYTES, "%s" CANARY, first_names[chance & 7]);
    snprintf(out->value[COLUMN_LAST], FIELD_BYTES, CANARY " %s", last_names[chance >> 3 & 7]);
    snprintf(out->value[COLUMN_CITY], FIELD_BYTES, CANARY "town %u", version);
    if (chance >> 6 & 7)
        snprintf(out->value[COLUMN_EMAIL], FIELD_BYTES, "qzxvw%d.%u@example.edu", person,
                 (unsigned)(chance >> 9 & 3));
    if (chance >> 12 & 3)
        snprintf(out->value[COLUMN_PHONE], FIELD_BYTES, "555-%07u",
                 (unsigned)(chance >> 14) % 10000000);
    out->mark = payload_mark(out);
}

static void person_become(struct person *person, int number, uint32_t version)
{
    if (person->version != version)
        person->former = person->version;
    person->version = version;
    payload_make(number, version, &person->payload);
}

void world_begin(void)
{
    struct world *world = &sim->world;
    memset(world, 0, sizeof *world);
    world->count = sim->guarded
                       ? (int)dice_between(&sim->dice, 40, PEOPLE_MAX)
                       : (int)dice_between(&sim->dice, 1, 1 + (1 << dice_below(&sim->dice, 6)));
    for (int i = 0; i < world->count; i++) {
        struct person *person = &world->people[i];
        person->enrolled = dice_hits(&sim->dice, 850);
        person->type = dice_below(&sim->dice, 9);
        person->version = 1;
        payload_make(i, 1, &person->payload);
    }
}

/* ---------------------------------------------------------------- from one night to the next */

static void person_live(int number, unsigned change, unsigned move)
{
    struct person *person = &sim->world.people[number];
    if (dice_hits(&sim->dice, move))
        person->enrolled = !person->enrolled;
    if (dice_hits(&sim->dice, move))
        person->type = dice_below(&sim->dice, 9);
    if (!dice_hits(&sim->dice, change))
        return;
    if (person->former && dice_hits(&sim->dice, 500))
        person_become(person, number, person->former);
    else
        person_become(person, number, person->version + 1 + dice_below(&sim->dice, 3));
}

void world_dawn(bool quiet)
{
    static const unsigned changes[] = {0, 30, 150, 400}, guarded_changes[] = {0, 20, 60, 500};
    unsigned change = (sim->guarded ? guarded_changes : changes)[dice_below(&sim->dice, 4)];
    unsigned move = sim->guarded                 ? (dice_hits(&sim->dice, 100) ? 300 : 15)
                    : dice_hits(&sim->dice, 500) ? 80
                                                 : 0;
    for (int i = 0; i < sim->world.count && !quiet; i++)
        person_live(i, change, move);
}

static enum presence presence_of(const struct person *person, bool clean)
{
    if (!person->enrolled)
        return ABSENT;
    if (clean || !dice_hits(&sim->dice, 60))
        return VALID;
    static const enum presence odd[] = {REPEATED, CONTRADICTED, INVALID, INVALID, LEFT_OUT};
    return odd[dice_below(&sim->dice, 5)];
}

void world_cast(bool clean)
{
    struct world *world = &sim->world;
    bool is_clean = clean || dice_hits(&sim->dice, 500);
    for (int i = 0; i < world->count; i++)
        world->people[i].presence = presence_of(&world->people[i], is_clean);
    world->has_unreadable_id = !is_clean && dice_hits(&sim->dice, 50);
}

uint64_t world_mark(int person)
{
    const struct person *who = &sim->world.people[person];
    return who->presence == VALID || who->presence == REPEATED ? who->payload.mark : 0;
}

/* ---------------------------------------------------------------- the export */

struct row {
    int person; /* -1: without an id */
    bool is_second;
};

static void add_cell(FILE *out, const char *value, bool is_last)
{
    bool quoted = strpbrk(value, "\",") != NULL || dice_hits(&sim->dice, 100);
    if (quoted)
        putc_unlocked('"', out);
    for (; *value; value++) {
        if (*value == '"')
            putc_unlocked('"', out);
        putc_unlocked(*value, out);
    }
    if (quoted)
        putc_unlocked('"', out);
    putc_unlocked(is_last ? '\n' : ',', out);
}

/* The cell as the registrar's system writes it: blanks around, capitals in addresses. */
static void add_value(FILE *out, const struct payload *payload, enum column column)
{
    char cell[FIELD_BYTES + 8];
    const char *value = payload->value[column];
    if (!dice_hits(&sim->dice, 50)) {
        add_cell(out, value, false);
        return;
    }
    snprintf(cell, sizeof cell, "  %s ", value);
    for (char *at = cell; column == COLUMN_EMAIL && *at; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
    add_cell(out, cell, false);
}

static void write_row(FILE *out, const struct row *row)
{
    struct person blank = {.version = 0},
                  *person = row->person < 0 ? &blank : &sim->world.people[row->person];
    struct payload payload = person->payload;
    char id[16] = "", type[] = {(char)('1' + person->type), '\0'};
    if (row->person >= 0)
        person_id(row->person, id);
    if (person->presence == INVALID && dice_hits(&sim->dice, 500))
        payload.value[COLUMN_LAST][0] = '\0';
    else if (person->presence == INVALID)
        strcpy(payload.value[COLUMN_EMAIL], "qzxvw at nowhere");
    if (person->presence == CONTRADICTED && row->is_second)
        strcat(payload.value[COLUMN_CITY], "b");
    add_cell(out, id, false);
    for (int column = 0; column < COLUMNS; column++)
        add_value(out, &payload, (enum column)column);
    add_cell(out, type, false);
    add_cell(out, person->presence == LEFT_OUT ? "XX" : "AS", true);
}

static size_t list_rows(struct row rows[])
{
    size_t count = 0;
    for (int i = 0; i < sim->world.count; i++) {
        enum presence presence = sim->world.people[i].presence;
        if (presence == ABSENT)
            continue;
        rows[count++] = (struct row){.person = i};
        if (presence == REPEATED || presence == CONTRADICTED)
            rows[count++] = (struct row){.person = i, .is_second = true};
    }
    if (sim->world.has_unreadable_id)
        rows[count++] = (struct row){.person = -1};
    for (size_t i = count; i > 1; i--) {
        size_t other = dice_below(&sim->dice, (uint32_t)i);
        struct row kept = rows[i - 1];
        rows[i - 1] = rows[other];
        rows[other] = kept;
    }
    return count;
}

static void note_line(const struct row *row, uint32_t line)
{
    if (row->person < 0) {
        sim->world.unreadable_line = line;
        return;
    }
    struct person *person = &sim->world.people[row->person];
    if (person->line)
        person->second_line = line;
    else
        person->line = line;
}

void world_write_export(const char *path)
{
    struct row rows[2 * PEOPLE_MAX + 1];
    size_t count = list_rows(rows);
    FILE *out = fopen(path, "w");
    if (!out)
        abort();
    for (int i = 0; i < sim->world.count; i++)
        sim->world.people[i].line = sim->world.people[i].second_line = 0;
    fputs("ID,FIRST,LAST,EMAIL,CITY,PHONE,TYPE,STATUS\n", out);
    for (size_t i = 0; i < count; i++) {
        note_line(&rows[i], (uint32_t)i + 2);
        write_row(out, &rows[i]);
    }
    sim->world.rows = (uint32_t)count;
    fclose(out);
    struct timespec times[2] = {{.tv_sec = sim->wall_ms / 1000 - 600},
                                {.tv_sec = sim->wall_ms / 1000 - 600}};
    if (utimensat(AT_FDCWD, path, times, 0) != 0)
        abort();
}

/* ---------------------------------------------------------------- what does not change */

static void write_private(const char *path, const char *words)
{
    FILE *out = fopen(path, "w");
    if (!out || chmod(path, 0600) != 0)
        abort();
    fputs(words, out);
    fclose(out);
}

static const char mapping_head[] =
    "{ \"version\": 1, \"name\": \"Simulated people\",\n"
    "  \"file\": { \"encoding\": \"utf-8\", \"delimiter\": \",\" },\n"
    "  \"people\": { \"keep\": [ { \"column\": \"STATUS\", \"in\": [\"AS\"], \"because\": "
    "\"active\" } ],\n"
    "              \"repeated_id\": \"reject\" },\n"
    "  \"fields\": {\n"
    "    \"unique_id\": { \"from\": \"ID\", \"do\": [\"trim\"], \"required\": true },\n"
    "    \"login_source\": { \"value\": \"SAML\" },\n"
    "    \"first_name\": { \"from\": \"FIRST\", \"do\": [\"trim\"] },\n"
    "    \"last_name\": { \"from\": \"LAST\", \"do\": [\"trim\"], \"required\": true },\n"
    "    \"email\": { \"from\": \"EMAIL\", \"do\": [\"trim\", \"lower\"], \"type\": \"email\" },\n"
    "    \"city\": { \"from\": \"CITY\", \"do\": [\"trim\"] },\n"
    "    \"phone_cell\": { \"from\": \"PHONE\", \"do\": [\"trim\"], \"if_empty\": \"clear\" },\n"
    "    \"user_type_id\": { \"from\": \"TYPE\", \"send\": \"new people only\" }\n"
    "  },\n"
    "  \"otherwise\": { \"if_empty\": \"leave out field\", \"if_wrong\": \"reject person\", "
    "\"if_long\": \"reject person\" }";
static const char mapping_open[] =
    ",\n  \"stop_if\": { \"rows_fewer_over_percent\": 100, \"new_over_percent\": 100, "
    "\"changed_over_percent\": 100,\n"
    "    \"gone_over_percent\": 100, \"rejected_over_percent\": 100, \"mapping_over_percent\": "
    "100,\n"
    "    \"field_changed_over_percent\": 100, \"field_emptied_over_percent\": 100 }";

void world_write_mappings(void)
{
    char words[4096];
    snprintf(words, sizeof words, "%s\n}\n", mapping_head);
    write_private("guarded.jsonc", words);
    snprintf(words, sizeof words, "%s%s\n}\n", mapping_head, mapping_open);
    write_private("open.jsonc", words);
}

void world_write_token(uint32_t number)
{
    char token[64];
    snprintf(token, sizeof token, "SEKRET-%u\n", number);
    write_private("token", token);
}

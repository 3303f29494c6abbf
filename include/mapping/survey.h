#ifndef OPSPUSH_MAPPING_SURVEY_H
#define OPSPUSH_MAPPING_SURVEY_H

#include "mapping/mapping.h"

/* What 'check MAPPING EXPORT' finds out about an export, row by row; streams, with ceilings on what it remembers. */
struct survey;
struct survey *survey_new(const struct mapping *mapping, const struct export_record *heading);
void survey_free(struct survey *survey);
void survey_add(struct survey *survey, const struct export_record *record,
                const struct mapped_row *mapped);
/* What the reader found out about the file as a whole (noise that it passed over); after the last record, if at all. */
void survey_note_file(struct survey *survey, const struct export_facts *facts);
/* Per column: fill rate, distinct values. Per field: how many get a value, policies, first lines. Damaged ids. Codes missing from lists. */
void survey_print(const struct survey *survey, struct text *out);
bool survey_has_damaged_ids(const struct survey *survey);

/* The mapping as a table for people ('check --table'). */
void mapping_table(const struct mapping *mapping, struct text *out);
/*
 * Runs the cases beside the mapping (NAME.cases.jsonc), if there are any: rows with the profile or refusal each must
 * give. Failures become problems. Returns how many cases ran.
 */
size_t mapping_run_cases(const struct mapping *mapping, const char *mapping_path, struct date today,
                         struct problems *problems);

/* Tells what is wrong with the mapping on this day alone: a 'between' in which no day lies. */
void mapping_check_day(const struct mapping *mapping, struct date today, struct problems *problems);

/* Drafts a commented mapping for an export from its heading (and the guess about its bytes). */
void mapping_suggest(const struct export_guess *guess, const struct export_record *heading,
                     const char *export_path, struct text *out);

#endif

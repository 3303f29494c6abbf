#ifndef OPSPUSH_SANDBOX_RULES_H
#define OPSPUSH_SANDBOX_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "people.h"
#include "json/document.h"

/*
 * What the API page says of a push: token, required fields, limits, unique values; and its errors. Where the page is
 * silent, the choice is named beside the rule.
 */

struct word_list {
    char **words;
    size_t count;
};
/* Splits "a,b,c"; blanks around a word are dropped. */
void word_list_set(struct word_list *list, const char *commas);
bool word_list_has(const struct word_list *list, const char *word);
void word_list_clear(struct word_list *list);

struct rules {
    char *token;
    char *client;             /* NULL: any */
    struct word_list sources; /* login sources */
    struct word_list types;   /* ids of user types */
    field_set required;       /* beside unique_id and login_source */
    bool errors_as_200;
};
/* The page's own values: sources OPSCOM, SAML, LDAP, SSO; its user types; first_name, last_name and email required. */
void rules_init(struct rules *rules);
void rules_clear(struct rules *rules);

/* One of OPS-COM's errors: its code, its HTTP status (which the page does not give) and its words. */
struct opscom_error {
    int code;
    int status;
    const char *message;
};
/* Any code of the page; others come back with words for an unknown one. Lent, static but for unknown codes' number. */
struct opscom_error opscom_error(int code);

/* A body as read: what it says of the person, its token, and what the reader noticed. */
struct reading {
    struct submission submission; /* lent by the document */
    const char *token;            /* NULL: none, or no string */
    unsigned alias_pairs;         /* fields that stood there under two names: the last one wins */
    unsigned unknown_fields;      /* names that the page does not list: passed over */
};
/* Returns 0 or the code of the error: no object, or a value that is no string. */
int reading_take(struct reading *reading, const struct json_value *root);

/* The first error of the token: 9001, 9002, or 0. */
int rules_judge_token(const struct rules *rules, const char *token);
/* The first error of the profile, or 0 when it is to be stored. */
int rules_judge(const struct rules *rules, const struct people *people, const struct person *person,
                const struct submission *submission);

/* Appends the answer of profiles/types/list: the user types there are. */
void rules_add_types(const struct rules *rules, struct text *out);

#endif

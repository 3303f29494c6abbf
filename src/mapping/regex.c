#include "regex.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "regex_parse.h"
#include "regex_table.h"

struct regex {
    struct re_table table;
    bool is_table;
    regex_t posix; /* when it is no table */
};

/* A back-reference is a backslash and a digit outside a bracket expression. */
static bool pattern_refers_back(const char *pattern)
{
    for (const char *at = pattern; *at; at++) {
        if (*at == '\\' && at[1]) {
            if (isdigit((unsigned char)*++at))
                return true;
        } else if (*at == '[') {
            at += at[1] == '^' ? 2 : 1;
            if (*at == ']')
                at++;
            while (*at && *at != ']')
                at++;
            if (!*at)
                return false;
        }
    }
    return false;
}

static int posix_compile(regex_t *posix, const char *pattern, struct text *why)
{
    int code = regcomp(posix, pattern, REG_EXTENDED | REG_NOSUB);
    if (code == 0)
        return 0;
    char words[128];
    regerror(code, posix, words, sizeof words);
    text_reset(why);
    text_add(why, words);
    return code;
}

static void regex_compile_table(struct regex *regex, const char *pattern, bool whole)
{
    struct re_tree tree = {0};
    regex->is_table = re_parse(&tree, pattern) && re_table_build(&regex->table, &tree, whole);
    re_tree_clear(&tree);
}

static int posix_compile_whole(regex_t *posix, const char *pattern, struct text *why)
{
    char *covering = mem_format("^(%s)$", pattern);
    int code = posix_compile(posix, covering, why);
    free(covering);
    return code;
}

/*
 * regcomp judges what is an expression, apart from ranges between characters beyond ASCII: the GNU library refuses
 * those in C.UTF-8, and the table knows them.
 */
static int regex_compile(struct regex *regex, const char *pattern, bool whole, struct text *why)
{
    int code = posix_compile(&regex->posix, pattern, why);
    if (code == 0 || code == REG_ECOLLATE)
        regex_compile_table(regex, pattern, whole);
    if (code != 0 || (!regex->is_table && !whole))
        return regex->is_table ? 0 : code;
    regfree(&regex->posix);
    return regex->is_table ? 0 : posix_compile_whole(&regex->posix, pattern, why);
}

struct regex *regex_new(const char *pattern, bool whole, struct text *why)
{
    if (pattern_refers_back(pattern)) {
        text_add(why, "back-references are not allowed");
        return NULL;
    }
    struct regex *regex = mem_new(sizeof *regex);
    if (regex_compile(regex, pattern, whole, why) == 0)
        return regex;
    free(regex);
    return NULL;
}

void regex_free(struct regex *regex)
{
    if (!regex)
        return;
    if (regex->is_table)
        re_table_clear(&regex->table);
    else
        regfree(&regex->posix);
    free(regex);
}

bool regex_is_table(const struct regex *regex)
{
    return regex->is_table;
}

bool regex_matches(const struct regex *regex, const char *bytes, size_t length)
{
    if (regex->is_table)
        return re_table_matches(&regex->table, bytes, length);
    regmatch_t part = {.rm_so = 0, .rm_eo = (regoff_t)length};
    return regexec(&regex->posix, bytes, 1, &part, REG_STARTEND) == 0;
}

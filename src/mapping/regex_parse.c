#include "regex_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { RE_NODES_MAX = 4096, RE_COUNT_MAX = 255, RE_DEPTH_MAX = 64, RE_POINT_MAX = 0x10FFFF };

struct re_parser {
    struct re_tree *tree;
    const char *at;
    int depth;
};

static int re_add(struct re_parser *parser, enum re_kind kind, int left, int right)
{
    struct re_tree *tree = parser->tree;
    if (tree->count == RE_NODES_MAX)
        return -1;
    if (tree->count == tree->capacity) {
        tree->capacity = tree->capacity ? tree->capacity * 2 : 32;
        tree->nodes = mem_resize(tree->nodes, tree->capacity, sizeof *tree->nodes);
    }
    tree->nodes[tree->count] = (struct re_node){.kind = kind, .left = left, .right = right};
    return (int)tree->count++;
}

static uint32_t re_take(struct re_parser *parser)
{
    uint32_t point;
    parser->at += utf8_decode(parser->at, strlen(parser->at), &point);
    return point;
}

static int re_one(struct re_parser *parser, uint32_t point)
{
    int node = re_add(parser, RE_SET, -1, -1);
    if (node >= 0)
        re_set_add(&parser->tree->nodes[node].set, point, point);
    return node;
}

static bool re_class(struct re_parser *parser, struct re_set *set)
{
    const char *name = parser->at + 2, *end = strstr(name, ":]");
    if (!end || !re_set_add_class(set, name, (size_t)(end - name)))
        return false;
    parser->at = end + 2;
    return true;
}

/* One character or range of a bracket expression; collating symbols and equivalence classes are left to regexec. */
static bool re_bracket_item(struct re_parser *parser, struct re_set *set)
{
    if (parser->at[0] == '[' && parser->at[1] == ':')
        return re_class(parser, set);
    if (parser->at[0] == '\0' || (parser->at[0] == '[' && strchr(".=", parser->at[1])))
        return false;
    uint32_t first = re_take(parser), last = first;
    if (parser->at[0] == '-' && parser->at[1] != ']' && parser->at[1] != '\0') {
        parser->at++;
        if (parser->at[0] == '[' && parser->at[1] && strchr(".=:", parser->at[1]))
            return false;
        last = re_take(parser);
    }
    re_set_add(set, first, last);
    return first <= last;
}

static int re_bracket(struct re_parser *parser)
{
    struct re_set set = {0};
    bool is_good = true;
    set.inverted = parser->at[0] == '^';
    parser->at += set.inverted;
    do
        is_good = re_bracket_item(parser, &set);
    while (is_good && parser->at[0] != ']');
    int node = is_good ? re_add(parser, RE_SET, -1, -1) : -1;
    if (node < 0) {
        free(set.ranges);
        return -1;
    }
    parser->at++;
    re_set_settle(&set);
    parser->tree->nodes[node].set = set;
    return node;
}

static int re_alternatives(struct re_parser *parser);

static int re_group(struct re_parser *parser)
{
    if (++parser->depth > RE_DEPTH_MAX)
        return -1;
    int node = re_alternatives(parser);
    parser->depth--;
    if (node < 0 || *parser->at != ')')
        return -1;
    parser->at++;
    return node;
}

/* An escaped sign stands for itself; letters and digits behind a backslash are GNU's own. */
static int re_escaped(struct re_parser *parser)
{
    unsigned char byte = (unsigned char)*parser->at;
    if (byte == '\0' || byte >= 0x80 || isalnum(byte))
        return -1;
    if (strchr("<>`'", byte))
        return -1;
    return re_one(parser, re_take(parser));
}

static int re_atom(struct re_parser *parser)
{
    switch (*parser->at) {
    case '(':
        parser->at++;
        return re_group(parser);
    case '[':
        parser->at++;
        return re_bracket(parser);
    case '\\':
        parser->at++;
        return re_escaped(parser);
    case '.': {
        parser->at++;
        int node = re_add(parser, RE_SET, -1, -1);
        if (node >= 0)
            re_set_add(&parser->tree->nodes[node].set, 1, RE_POINT_MAX);
        return node;
    }
    case '^':
        parser->at++;
        return re_add(parser, RE_BEGIN, -1, -1);
    case '$':
        parser->at++;
        return re_add(parser, RE_END, -1, -1);
    case '*':
    case '+':
    case '?':
    case '{':
        return -1;
    default:
        return re_one(parser, re_take(parser));
    }
}

/* "n}", "n,}" or "n,m}" behind a brace. */
static bool re_braces(struct re_parser *parser, int *min, int *max)
{
    char *end;
    if (*parser->at < '0' || *parser->at > '9')
        return false;
    *min = *max = (int)strtol(parser->at, &end, 10);
    if (*end == ',') {
        *max = -1;
        if (end[1] >= '0' && end[1] <= '9')
            *max = (int)strtol(end + 1, &end, 10);
        else
            end++;
    }
    if (*end != '}' || *min > RE_COUNT_MAX || *max > RE_COUNT_MAX || (*max >= 0 && *max < *min))
        return false;
    parser->at = end + 1;
    return true;
}

static int re_piece(struct re_parser *parser)
{
    int node = re_atom(parser);
    while (node >= 0 && *parser->at && strchr("*+?{", *parser->at)) {
        enum re_kind kind = parser->tree->nodes[node].kind;
        if (kind == RE_BEGIN || kind == RE_END)
            return -1;
        char sign = *parser->at++;
        int min = sign == '+', max = sign == '?' ? 1 : -1;
        if (sign == '{' && !re_braces(parser, &min, &max))
            return -1;
        node = re_add(parser, RE_REPEAT, node, -1);
        if (node >= 0) {
            parser->tree->nodes[node].min = min;
            parser->tree->nodes[node].max = max;
        }
    }
    return node;
}

static int re_branch(struct re_parser *parser)
{
    int node = re_add(parser, RE_EMPTY, -1, -1);
    while (node >= 0 && *parser->at && *parser->at != '|' && *parser->at != ')') {
        int next = re_piece(parser);
        node = next < 0 ? -1 : re_add(parser, RE_CAT, node, next);
    }
    return node;
}

static int re_alternatives(struct re_parser *parser)
{
    int node = re_branch(parser);
    while (node >= 0 && *parser->at == '|') {
        parser->at++;
        int next = re_branch(parser);
        node = next < 0 ? -1 : re_add(parser, RE_ALT, node, next);
    }
    return node;
}

bool re_parse(struct re_tree *tree, const char *pattern)
{
    struct re_parser parser = {.tree = tree, .at = pattern};
    tree->root = re_alternatives(&parser);
    return tree->root >= 0 && *parser.at == '\0';
}

void re_tree_clear(struct re_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free(tree->nodes[i].set.ranges);
    free(tree->nodes);
    *tree = (struct re_tree){0};
}

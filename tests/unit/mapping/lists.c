#include "mapped.h"

#include <sys/stat.h>

#define WILD                                                                                       \
    "\"lists\": { \"t\": { \"UG,FT\": \"1\", \"EX,*\": \"10\", \"*,FT\": \"20\", \"XX\": \"2\", "  \
    "\"A,*,C\": \"5\", \"E\": \"\" } },"
#define FIELD "\"user_type_id\": { \"from\": \"X\", \"list\": \"t\" }"

START_TEST(codes_are_found_exactly_then_by_their_open_parts)
{
    static const struct {
        const char *code, *gives;
    } cases[] = {
        {"UG,FT", "1"}, {"EX,PT", "10"}, {"EX,FT", "10"},  {"EX,", "10"}, {"GR,FT", "20"},
        {"XX", "2"},    {"A,B,C", "5"},  {"A,B,D", NULL},  {"EX", NULL},  {"ug,ft", NULL},
        {"UG", NULL},   {"*", NULL},     {"EX,A,B", NULL}, {" XX", NULL},
    };
    struct mapping *mapping = load_around(WILD, FIELD);
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *cells = mem_format("1|%s", cases[i].code);
        const struct mapped_row *row = apply_to(mapper, cells);
        if (cases[i].gives) {
            assert_value(row, FIELD_USER_TYPE_ID, cases[i].gives);
        } else {
            ck_assert_msg(row->verdict == ROW_REJECTED, "%s", cases[i].code);
            ck_assert_str_eq(row->findings[0].message,
                             "user_type_id: the code is not in list \"t\"");
        }
        free(cells);
    }
    assert_value(apply_to(mapper, "1|E"), FIELD_USER_TYPE_ID, NULL);
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

START_TEST(a_star_alone_takes_what_nothing_else_takes)
{
    struct mapping *mapping =
        load_around("\"lists\": { \"t\": { \"A,*\": \"1\", \"*\": \"9\" } },", FIELD);
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, "1|A,B"), FIELD_USER_TYPE_ID, "1");
    assert_value(apply_to(mapper, "1|B,C"), FIELD_USER_TYPE_ID, "9");
    assert_value(apply_to(mapper, "1|Z"), FIELD_USER_TYPE_ID, "9");
    assert_value(apply_to(mapper, "1|"), FIELD_USER_TYPE_ID, NULL);
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

START_TEST(a_list_of_many_codes_finds_each)
{
    struct text more = {0};
    text_add(&more, "\"lists\": { \"t\": {");
    for (int i = 0; i < 5000; i++)
        text_addf(&more, "\"c%d\": \"%d\",", i, i * 7);
    text_add(&more, "} },");
    struct mapping *mapping = load_around(text_string(&more), FIELD);
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    for (int i = 0; i < 5000; i++) {
        char *cells = mem_format("1|c%d", i), *wanted = mem_format("%d", i * 7);
        assert_value(apply_to(mapper, cells), FIELD_USER_TYPE_ID, wanted);
        free(cells);
        free(wanted);
    }
    mapper_free(mapper);
    mapping_free(mapping);
    text_clear(&more);
}
END_TEST

/* A folder with a mapping and a list beside it. */
struct folder {
    char path[64];
    char *mapping, *list;
};

static struct folder folder_of(const char *codes)
{
    struct folder folder = {.path = "/tmp/opspush-lists-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(folder.path));
    char *lists = mem_format("%s/lists", folder.path);
    ck_assert_int_eq(mkdir(lists, 0700), 0);
    folder.mapping = mem_format("%s/m.jsonc", folder.path);
    folder.list = mem_format("%s/provinces.csv", lists);
    char *text =
        mapping_around("\"lists\": { \"p\": { \"file\": \"lists/provinces.csv\", \"find\": "
                       "\"BANNER\", \"give\": \"OPSCOM\" } },",
                       "\"province\": { \"from\": \"X\", \"list\": \"p\" }");
    file_of(folder.mapping, text);
    file_of(folder.list, codes);
    free(text);
    free(lists);
    return folder;
}

static void folder_clear(struct folder *folder)
{
    char *lists = mem_format("%s/lists", folder->path);
    unlink(folder->mapping);
    unlink(folder->list);
    rmdir(lists);
    rmdir(folder->path);
    free(lists);
    free(folder->mapping);
    free(folder->list);
}

START_TEST(lists_are_read_from_csv_files_beside_the_mapping)
{
    struct folder folder =
        folder_of("\xEF\xBB\xBFname,Banner,opscom\r\nOntario,ONT ,ON\r\n\"Qu\xC3\xA9"
                  "bec, the\",\"PQ\",QC"
                  "\r\n,,\r\n");
    struct problems problems = {0};
    struct mapping *mapping = mapping_load(folder.mapping, &problems);
    struct text shown = {0};
    problems_print(&problems, &shown);
    ck_assert_msg(mapping != NULL, "%s", text_string(&shown));
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, "1|ONT"), FIELD_PROVINCE, "ON");
    assert_value(apply_to(mapper, "1|PQ"), FIELD_PROVINCE, "QC");
    assert_code(apply_to(mapper, "1|ON"), ROW_REJECTED, "list");
    mapper_free(mapper);
    mapping_free(mapping);
    text_clear(&shown);
    folder_clear(&folder);
}
END_TEST

START_TEST(what_is_wrong_with_a_list_file_is_told)
{
    static const struct {
        const char *codes, *words;
    } cases[] = {
        {"BANNER,OPSCOM\nON,ON\nON,QC\n", "the code \"ON\" twice (line 3"},
        {"BANER,OPSCOM\nON,ON\n", "did you mean \"BANER\"?"},
        {"BANNER,OTHER\nON,ON\n", "no column called \"OPSCOM\""},
        {"BANNER,OPSCOM,BANNER\nON,ON,QC\n", "has 2 columns called \"BANNER\""},
        {"BANNER,OPSCOM, opscom\nON,ON,QC\n", "has 2 columns called \"OPSCOM\""},
        {"BANNER,OPSCOM\nON\n", "line 2 of"},
        {"BANNER,OPSCOM\nON,ON\n,QC\n", "has no code"},
        {"", "provinces.csv"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct folder folder = folder_of(cases[i].codes);
        struct problems problems = {0};
        ck_assert_ptr_null(mapping_load(folder.mapping, &problems));
        struct text shown = {0};
        problems_print(&problems, &shown);
        ck_assert_msg(strstr(text_string(&shown), cases[i].words), "%s is not in %s",
                      cases[i].words, text_string(&shown));
        text_clear(&shown);
        problems_clear(&problems);
        folder_clear(&folder);
    }
}
END_TEST

START_TEST(a_bundle_holds_the_lists_and_stands_alone)
{
    struct folder folder = folder_of("BANNER,OPSCOM\nONT,ON\nPQ,QC\n");
    struct problems problems = {0};
    struct mapping *mapping = mapping_load(folder.mapping, &problems);
    ck_assert_ptr_nonnull(mapping);
    struct text bundle = {0};
    mapping_bundle(mapping, &bundle);
    folder_clear(&folder);
    struct mapping *again = mapping_load_bundle(bundle.bytes, bundle.length);
    ck_assert_ptr_nonnull(again);
    ck_assert_str_eq(mapping_digest(again), mapping_digest(mapping));
    ck_assert_str_eq(mapping_bytes_digest(again), mapping_bytes_digest(mapping));
    ck_assert_str_eq(mapping_path(again), mapping_path(mapping));
    ck_assert_str_eq(mapping_name(again), "Test");
    bind_to(again, "ID|X");
    struct mapper *mapper = mapper_new(again, test_day);
    assert_value(apply_to(mapper, "1|PQ"), FIELD_PROVINCE, "QC");
    mapper_free(mapper);
    mapping_free(again);
    mapping_free(mapping);
    ck_assert_ptr_null(mapping_load_bundle(bundle.bytes, bundle.length - 1));
    ck_assert_ptr_null(mapping_load_bundle("{}", 2));
    ck_assert_ptr_null(mapping_load_bundle("[]", 2));
    text_clear(&bundle);
}
END_TEST

static void digests_of(const char *text, char digest[65], char bytes_digest[65])
{
    struct problems problems = {0};
    struct mapping *mapping = load_text(text, &problems);
    ck_assert_ptr_nonnull(mapping);
    strcpy(digest, mapping_digest(mapping));
    strcpy(bytes_digest, mapping_bytes_digest(mapping));
    mapping_free(mapping);
    problems_clear(&problems);
}

START_TEST(C4_comments_and_blanks_are_no_change_of_the_mapping)
{
    static const char base[] = "{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { "
                               "\"from\": \"A\" }, \"login_source\": { \"value\": \"S\" } } }";
    static const char remarked[] =
        "// a note\n{ \"version\": 1, \"owner\": \"me\", \"name\": \"x\",\n\"fields\": { "
        "\"unique_id\": { \"from\": \"A\", }, \"login_source\": { \"value\": \"S\" } } }";
    static const char changed[] =
        "{ \"version\": 1, \"name\": \"x\", \"fields\": { \"unique_id\": { "
        "\"from\": \"B\" }, \"login_source\": { \"value\": \"S\" } } }";
    char first[65], first_bytes[65], second[65], second_bytes[65];
    digests_of(base, first, first_bytes);
    digests_of(remarked, second, second_bytes);
    ck_assert_str_eq(first, second);
    ck_assert_str_ne(first_bytes, second_bytes);
    digests_of(changed, second, second_bytes);
    ck_assert_str_ne(first, second);
    ck_assert_str_ne(first_bytes, second_bytes);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, codes_are_found_exactly_then_by_their_open_parts);
    tcase_add_test(tests, a_star_alone_takes_what_nothing_else_takes);
    tcase_add_test(tests, a_list_of_many_codes_finds_each);
    tcase_add_test(tests, lists_are_read_from_csv_files_beside_the_mapping);
    tcase_add_test(tests, what_is_wrong_with_a_list_file_is_told);
    tcase_add_test(tests, a_bundle_holds_the_lists_and_stands_alone);
    tcase_add_test(tests, C4_comments_and_blanks_are_no_change_of_the_mapping);
}

int main(void)
{
    return unit_run("mapping/lists", all);
}

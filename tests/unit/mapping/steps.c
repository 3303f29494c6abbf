#include "mapped.h"

/* Steps with what they make of a value; NULL: the step does not apply. */
static const struct {
    const char *step, *value, *wanted;
} cases[] = {
    {"trim", " \xC2\xA0\xE3\x80\x80\t a b \n", "a b"},
    {"one space", "a   b", "a b"},
    {"one space", "a\nb", "a\nb"},
    {"one space", "\xC3\xA9 \xE2\x80\x89 b", "\xC3\xA9 b"},
    {"one space", "\xC3\xA0 la  ville", "\xC3\xA0 la ville"},
    {"names", "MCKENZIE", "Mckenzie"},
    {"names", "McKenzie", "McKenzie"},
    {"names", "12", "12"},
    {"upper", "abc\xC3\xA9", "ABC\xC3\x89"},
    {"upper", "abcdefgh{`zyx@[", "ABCDEFGH{`ZYX@["},
    {"lower", "ABCDEFGH[@ZYX`{", "abcdefgh[@zyx`{"},
    {"lower",
     "\xC3\x89"
     "COLE",
     "\xC3\xA9"
     "cole"},
    {"names", "MARTIN'S", "Martin's"},
    {"names", "d'angelo", "D'Angelo"},
    {"names", "O\xE2\x80\x99NEIL", "O\xE2\x80\x99Neil"},
    {"names", "anne-marie", "Anne-Marie"},
    {"digits", "(613) 555-0112 x3", "61355501123"},
    {"digits",
     "\xD9\xA1"
     "2",
     "2"},
    {"digits", "abc", ""},
    {"postal code", "K1A0B1", "K1A 0B1"},
    {"postal code", "12345", "12345"},
    {"postal code", "12345-6789", "12345-6789"},
    {"postal code", "SW1A 1AA", NULL},
    {"postal code", "1234", NULL},
    {"postal code", "K1A 0B", NULL},
    {"postal code", "1K1 A0B", NULL},
    {"straight quotes",
     "\xE2\x80\x98"
     "a\xE2\x80\x99",
     "'a'"},
    {"one line", "a\r\n\r\nb\n", "a, b"},
    {"one line", "\na", "a"},
    {"one line", "a\tb", "a b"},
    {"excel guards", "=\"\"", ""},
    {"excel guards", "=1", "=1"},
    {"excel guards", "plain", "plain"},
    {"before @", "a@b@c", "a"},
    {"before @", "@b", ""},
    {"before @", "ab", NULL},
    {"after @", "a@b@c", "b@c"},
    {"after @", "ab", NULL},
    {"after  ", "a b", "b"},
    {"first of ;", "a;b", "a"},
    {"first of ;", "a", "a"},
    {"first of  - ", "AS - Active", "AS"},
    {"pad 3 0", "7", "007"},
    {"pad 3  ", "7", "  7"},
    {"remove -", "1-2-3", "123"},
    {"remove ab", "aabb", "ab"},
    {"replace St by Saint", "St St", "Saint Saint"},
    {"replace - by ", "1-2", "12"},
    {"replace a by b by c", "a", "b by c"},
    {"phone (###) ###-####", "613.555.0112", "(613) 555-0112"},
    {"phone ###", "12", NULL},
    {"phone ###", "1234", NULL},
    {"phone ###", "12x3", NULL},
    {"add x before", "a", "xa"},
    {"add  x after", "a", "a x"},
    {"add x before after", "a", "ax before"},
};

START_TEST(every_step_makes_what_it_says)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *rule = mem_format("\"city\": { \"from\": \"X\", \"do\": [\"%s\"] }", cases[i].step);
        struct mapping *mapping = load_around("", rule);
        bind_to(mapping, "ID|X");
        struct mapper *mapper = mapper_new(mapping, test_day);
        char *cells = mem_format("1|%s", cases[i].value);
        const struct mapped_row *row = apply_to(mapper, cells);
        if (!cases[i].wanted) {
            ck_assert_msg(row->verdict == ROW_REJECTED, "%s on %s", cases[i].step, cases[i].value);
            char *words = mem_format("city: the step \"%s\" does not apply", cases[i].step);
            ck_assert_str_eq(row->findings[0].message, words);
            ck_assert_str_eq(row->findings[0].code, "step");
            free(words);
        } else {
            assert_value(row, FIELD_CITY, *cases[i].wanted ? cases[i].wanted : NULL);
        }
        free(cells);
        mapper_free(mapper);
        mapping_free(mapping);
        free(rule);
    }
}
END_TEST

START_TEST(a_value_that_steps_empty_is_empty_and_stays_so)
{
    struct mapping *mapping =
        load_around("", "\"city\": { \"from\": \"X\", \"do\": [\"digits\", \"pad 5 0\", \"add x "
                        "after\"], \"if_empty\": \"send empty\" }");
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    assert_value(apply_to(mapper, "1|none"), FIELD_CITY, "");
    assert_value(apply_to(mapper, "1|7"), FIELD_CITY, "00007x");
    mapper_free(mapper);
    mapping_free(mapping);
}
END_TEST

START_TEST(steps_have_a_ceiling)
{
    struct text rule = {0}, row = {0};
    text_add(&rule, "\"street\": { \"from\": \"X\", \"do\": [");
    for (int i = 0; i < 40; i++)
        text_addf(&rule, "%s\"replace a by aaaa\"", i ? "," : "");
    text_add(&rule, "] }");
    struct mapping *mapping = load_around("", text_string(&rule));
    bind_to(mapping, "ID|X");
    struct mapper *mapper = mapper_new(mapping, test_day);
    text_add(&row, "1|");
    for (int i = 0; i < 1000; i++)
        text_add(&row, "a");
    assert_code(apply_to(mapper, text_string(&row)), ROW_REJECTED, "step");
    mapper_free(mapper);
    mapping_free(mapping);
    text_clear(&rule);
    text_clear(&row);
}
END_TEST

static void all(TCase *tests)
{
    tcase_add_test(tests, every_step_makes_what_it_says);
    tcase_add_test(tests, a_value_that_steps_empty_is_empty_and_stays_so);
    tcase_add_test(tests, steps_have_a_ceiling);
}

int main(void)
{
    return unit_run("mapping/steps", all);
}

#include "../../../src/sandbox/options.h"

#include <string.h>

#include "unit.h"

static int parse(struct options *options, struct fault *fault, const char *words)
{
    static char copy[512];
    char *list[32] = {NULL};
    int count = 1;
    static char name[] = "opspush-sandbox";
    list[0] = name;
    strcpy(copy, words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        list[count++] = word;
    memset(fault, 0, sizeof *fault);
    return options_parse(options, count, list, fault);
}

START_TEST(without_options_it_is_a_well_behaved_stand_in_on_a_free_port)
{
    struct options options;
    struct fault fault;
    ck_assert_int_eq(parse(&options, &fault, ""), 0);
    ck_assert_int_eq(options.port, 0);
    ck_assert_str_eq(options.rules.token, "sandbox-token");
    ck_assert_ptr_null(options.rules.client);
    ck_assert_int_eq(options.for_ms, -1);
    ck_assert(!options.bare && !options.misbehave && !options.script);
    options_clear(&options);
}
END_TEST

START_TEST(values_stand_behind_a_blank_or_an_equals_sign)
{
    struct options options;
    struct fault fault;
    ck_assert_int_eq(parse(&options, &fault,
                           "--port=8080 --client OC_TOMA --latency 20-80 --require email,zip "
                           "--misbehave 429=5%:retry-after=1 --misbehave-by person --seed 9 "
                           "--errors-as 200 --sources=SAML --bare --die-with-parent "
                           "--quit-after 5"),
                     0);
    ck_assert_int_eq(options.port, 8080);
    ck_assert_str_eq(options.rules.client, "OC_TOMA");
    ck_assert_int_eq(options.latency.min_ms, 20);
    ck_assert_int_eq(options.latency.max_ms, 80);
    ck_assert_uint_eq(options.rules.required,
                      FIELD_BIT(FIELD_EMAIL) | FIELD_BIT(FIELD_POSTAL_CODE));
    ck_assert_str_eq(options.misbehave, "429=5%:retry-after=1");
    ck_assert(options.by_person && options.bare && options.die_with_parent);
    ck_assert(options.rules.errors_as_200);
    ck_assert(word_list_has(&options.rules.sources, "SAML"));
    ck_assert(!word_list_has(&options.rules.sources, "OPSCOM"));
    ck_assert_int_eq(options.for_ms, 5000);
    options_clear(&options);
}
END_TEST

START_TEST(wrong_options_are_named)
{
    static const struct {
        const char *words, *text;
    } cases[] = {
        {"--prot 8080", "there is no option --prot; see --help"},
        {"--por 8080", "there is no option --por; see --help"},
        {"8080", "\"8080\" is not an option; see --help"},
        {"--", "\"--\" is not an option; see --help"},
        {"--port", "--port needs N"},
        {"--port 65536", "--port: \"65536\" is not a whole number up to 65535"},
        {"--port -1", "--port: \"-1\" is not a whole number up to 65535"},
        {"--port 80x", "--port: \"80x\" is not a whole number up to 65535"},
        {"--bare=yes", "--bare takes no value"},
        {"--latency 80-20", "--latency: \"80-20\" ends before it begins"},
        {"--errors-as 500", "--errors-as: \"500\" is neither 400 nor 200"},
        {"--require colour", "--require: there is no field called \"colour\""},
        {"--client a/b", "--client: \"a/b\" cannot be a client code"},
        {"--token=", "--token: the token is empty"},
        {"--misbehave-by day", "--misbehave-by: \"day\" is neither request nor person"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options options;
        struct fault fault;
        ck_assert_msg(parse(&options, &fault, cases[i].words) == -1, "%s", cases[i].words);
        ck_assert_str_eq(fault.text, cases[i].text);
        ck_assert_int_eq(fault_exit(fault.kind), 2);
        options_clear(&options);
    }
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, without_options_it_is_a_well_behaved_stand_in_on_a_free_port);
    tcase_add_test(c, values_stand_behind_a_blank_or_an_equals_sign);
    tcase_add_test(c, wrong_options_are_named);
}

int main(void)
{
    return unit_run("sandbox/options", all);
}

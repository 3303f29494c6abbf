#include "base/memory.h"
#include "push/transport.h"
#include "unit.h"

START_TEST(C5_a_base_url_is_normalised)
{
    static const char *const cases[][2] = {
        {"https://controller.operationscommander.io/api/OC_TOMA/v1",
         "https://controller.operationscommander.io/api/OC_TOMA/v1"},
        {"HTTPS://Controller.Example.EDU:443/api/OC/v1/",
         "https://controller.example.edu/api/OC/v1"},
        {"https://h.example///", "https://h.example"},
        {"https://h.example", "https://h.example"},
        {"https://h.example:8443/A%20b", "https://h.example:8443/A%20b"},
        {"https://h.example:0443/", "https://h.example"},
        {"http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api"},
        {"http://127.0.0.1:80/api", "http://127.0.0.1/api"},
        {"https://127.0.0.1:1/api", "https://127.0.0.1:1/api"},
        {"https://localhost:8443", "https://localhost:8443"},
        {"http://LOCALHOST:81", "http://localhost:81"},
        {"http://[::1]:8080/api", "http://[::1]:8080/api"},
        {"http://[0:0:0:0:0:0:0:1]/", "http://[::1]"},
        {"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault = {0};
        char *url = url_normalise(cases[i][0], &fault);
        ck_assert_msg(url != NULL, "%s: %s", cases[i][0], fault.text);
        ck_assert_str_eq(url, cases[i][1]);
        free(url);
    }
}
END_TEST

START_TEST(C5_anything_else_is_refused_with_the_reason)
{
    static const char *const cases[][2] = {
        {"", "https://"},
        {"controller.example.edu/api", "https://"},
        {"ftp://h.example/", "scheme"},
        {"file:///etc/passwd", "scheme"},
        {"https:/h.example", "https://"},
        {"https://", "host"},
        {"https:///api", "host"},
        {"https://user:secret@h.example/", "user name"},
        {"https://token@h.example/", "user name"},
        {"https://h.example/?apiToken=1", "query"},
        {"https://h.example/api#x", "fragment"},
        {"https://h.example:/", "port"},
        {"https://h.example:0/", "port"},
        {"https://h.example:65536/", "port"},
        {"https://h.example:99999999999999999999/", "port"},
        {"https://h.example:8a/", "port"},
        {"https://h.example:22/", "another service"},
        {"https://h.example:80/", "another service"},
        {"http://h.example/", "must be https"},
        {"http://127.0.0.2/", "IP address"},
        {"http://127.1/", "IP address"},
        {"http://2130706433/", "IP address"},
        {"http://0x7f.0.0.1/", "IP address"},
        {"http://0x7f000001/", "IP address"},
        {"https://192.0.2.7/", "IP address"},
        {"https://[2001:db8::1]/", "IP address"},
        {"http://[::ffff:127.0.0.1]/", "IP address"},
        {"https://[::1/", "IPv6"},
        {"https://[x]/", "IPv6"},
        {"https://[::1]x/", "host"},
        {"https://h..example/", "host"},
        {"https://.example/", "host"},
        {"https://h.example./", "host"},
        {"https://-h.example/", "host"},
        {"https://h,example/", "host"},
        {"http://localhost.evil.example/", "must be https"},
        {"https://h.example/a b", "no URL may hold"},
        {"https://h.example/a\n", "no URL may hold"},
        {"https://h.example\\@evil.example/", "no URL may hold"},
        {"https://h\xc3\xa9.example/", "no URL may hold"},
        {"https://h.example/%zz", "hexadecimal"},
        {"https://h.example/%4", "hexadecimal"},
        {"https://h.example/a/../b", "'..'"},
        {"https://h.example/./b", "'..'"},
        {"https://h.example/api/profiles/push", "give the base"},
        {"https://h.example/api/profiles/push/", "give the base"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault = {0};
        ck_assert_msg(url_normalise(cases[i][0], &fault) == NULL, "%s", cases[i][0]);
        ck_assert_int_eq(fault.kind, FAULT_CONFIG);
        ck_assert_msg(strstr(fault.text, cases[i][1]) != NULL, "%s: %s", cases[i][0], fault.text);
        ck_assert_msg(strstr(fault.text, "secret") == NULL && strstr(fault.text, "token@") == NULL,
                      "a credential is shown");
    }
}
END_TEST

START_TEST(C5_a_url_has_a_length_limit)
{
    struct fault fault = {0};
    char long_url[4096] = "https://h.example/";
    memset(long_url + 18, 'a', 3000);
    ck_assert_ptr_null(url_normalise(long_url, &fault));
    ck_assert_int_eq(fault.kind, FAULT_CONFIG);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, C5_a_base_url_is_normalised);
    tcase_add_test(c, C5_anything_else_is_refused_with_the_reason);
    tcase_add_test(c, C5_a_url_has_a_length_limit);
}

int main(void)
{
    return unit_run("push/url", all);
}

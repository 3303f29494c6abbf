#include "base/digest.h"

#include <string.h>

#include "unit.h"

static const uint8_t MASTER[KEY_BYTES] = "a master key of thirty-two bytes";
static const uint8_t OTHER_MASTER[KEY_BYTES] = "another one";

START_TEST(plain_digests_are_blake2b_256)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hex[65];
        digest_plain_hex(cases[i].text, strlen(cases[i].text), hex);
        ck_assert_str_eq(hex, cases[i].hex);
    }
}
END_TEST

START_TEST(a_stream_in_any_pieces_gives_the_plain_digest)
{
    char text[1000], whole[65], pieces[65];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * 7);
    }
    digest_plain_hex(text, sizeof text, whole);
    for (size_t size = 1; size <= sizeof text; size += 37) {
        struct digest_stream stream;
        digest_stream_init(&stream);
        for (size_t at = 0; at < sizeof text; at += size) {
            digest_stream_add(&stream, text + at,
                              size < sizeof text - at ? size : sizeof text - at);
        }
        digest_stream_hex(&stream, pieces);
        ck_assert_str_eq(pieces, whole);
    }
}
END_TEST

START_TEST(every_purpose_has_a_key_of_its_own)
{
    struct keys keys;
    keys_derive(&keys, MASTER);
    for (int a = 0; a <= KEY_ALIAS; a++) {
        for (int b = 0; b < a; b++) {
            ck_assert_mem_ne(keys.of[a], keys.of[b], KEY_BYTES);
        }
    }
}
END_TEST

START_TEST(D19_digests_differ_by_content_purpose_and_master)
{
    struct keys keys, none;
    struct digest digests[5];
    keys_derive(&keys, MASTER);
    keys_derive(&none, OTHER_MASTER);
    digest_keyed(&keys, KEY_PERSON, "ab", 2, &digests[0]);
    digest_keyed(&keys, KEY_PERSON, "ac", 2, &digests[1]);
    digest_keyed(&keys, KEY_PERSON, "ab", 3, &digests[2]);
    digest_keyed(&keys, KEY_PROFILE, "ab", 2, &digests[3]);
    digest_keyed(&none, KEY_PERSON, "ab", 2, &digests[4]);
    for (int a = 0; a < 5; a++) {
        for (int b = 0; b < 5; b++) {
            ck_assert(digest_equal(&digests[a], &digests[b]) == (a == b));
        }
    }
}
END_TEST

START_TEST(digests_and_fingerprints_stay_the_same_between_versions)
{
    struct keys keys;
    struct digest digest;
    char hex[33];
    keys_derive(&keys, MASTER);
    digest_keyed(&keys, KEY_PROFILE, "payload", 7, &digest);
    digest_hex(&digest, hex);
    ck_assert_str_eq(hex, "5e894a4eab8f0e500436832f3224fe22");
    ck_assert_uint_eq(fingerprint_of(&keys, KEY_FIELD, "value", 5), UINT64_C(0x0a2c58a5c02490d8));
}
END_TEST

START_TEST(hex_is_read_back_and_nothing_else)
{
    static const char *const wrong[] = {"",
                                        "00",
                                        "0123456789abcdef0123456789abcde",
                                        "0123456789abcdef0123456789abcdef0",
                                        "0123456789abcdef0123456789abcdeg",
                                        "01:3456789abcdef0123456789abcdef",
                                        " 123456789abcdef0123456789abcdef"};
    struct digest digest, kept;
    char hex[33];
    ck_assert(digest_from_hex("0123456789abcdef0123456789abcdef", &digest));
    digest_hex(&digest, hex);
    ck_assert_str_eq(hex, "0123456789abcdef0123456789abcdef");
    kept = digest;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(!digest_from_hex(wrong[i], &digest), "%s", wrong[i]);
        ck_assert(digest_equal(&digest, &kept));
    }
}
END_TEST

START_TEST(what_was_sealed_opens_to_the_same_bytes)
{
    struct keys keys;
    struct text sealed = {0}, opened = {0};
    char bytes[200];
    random_bytes(bytes, sizeof bytes);
    keys_derive(&keys, MASTER);
    for (size_t length = 0; length <= sizeof bytes; length += 20) {
        text_reset(&sealed);
        text_reset(&opened);
        text_add(&opened, "before");
        seal_add(&keys, "about", 5, bytes, length, &sealed);
        ck_assert_uint_eq(sealed.length, length + 40);
        ck_assert_int_eq(seal_open(&keys, "about", 5, sealed.bytes, sealed.length, &opened), 0);
        ck_assert_uint_eq(opened.length, 6 + length);
        ck_assert(memcmp(opened.bytes + 6, bytes, length) == 0);
    }
    text_clear(&sealed);
    text_clear(&opened);
}
END_TEST

START_TEST(a_seal_opens_only_unchanged_under_its_key_and_about_the_same)
{
    struct keys keys, other;
    struct text sealed = {0}, opened = {0};
    keys_derive(&keys, MASTER);
    keys_derive(&other, OTHER_MASTER);
    seal_add(&keys, "about", 5, "secret", 6, &sealed);
    for (size_t i = 0; i < sealed.length; i++) {
        sealed.bytes[i] ^= 1;
        ck_assert_int_eq(seal_open(&keys, "about", 5, sealed.bytes, sealed.length, &opened), -1);
        sealed.bytes[i] ^= 1;
        ck_assert_int_eq(seal_open(&keys, "about", 5, sealed.bytes, i, &opened), -1);
    }
    ck_assert_int_eq(seal_open(&keys, "abouT", 5, sealed.bytes, sealed.length, &opened), -1);
    ck_assert_int_eq(seal_open(&other, "about", 5, sealed.bytes, sealed.length, &opened), -1);
    ck_assert_uint_eq(opened.length, 0);
    text_clear(&sealed);
    text_clear(&opened);
}
END_TEST

START_TEST(wiped_keys_are_gone)
{
    static const struct keys nothing;
    struct keys keys;
    keys_derive(&keys, MASTER);
    keys_wipe(&keys);
    ck_assert_mem_eq(&keys, &nothing, sizeof keys);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, plain_digests_are_blake2b_256);
    tcase_add_test(c, a_stream_in_any_pieces_gives_the_plain_digest);
    tcase_add_test(c, every_purpose_has_a_key_of_its_own);
    tcase_add_test(c, D19_digests_differ_by_content_purpose_and_master);
    tcase_add_test(c, digests_and_fingerprints_stay_the_same_between_versions);
    tcase_add_test(c, hex_is_read_back_and_nothing_else);
    tcase_add_test(c, what_was_sealed_opens_to_the_same_bytes);
    tcase_add_test(c, a_seal_opens_only_unchanged_under_its_key_and_about_the_same);
    tcase_add_test(c, wiped_keys_are_gone);
}

int main(void)
{
    digest_start();
    return unit_run("base/digest", all);
}

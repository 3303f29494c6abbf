#include "base/digest.h"

#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/memory.h"

enum { HASH_BYTES = 32, SEAL_NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
enum { SEAL_MARK_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES };

_Static_assert(KEY_BYTES == crypto_kdf_KEYBYTES, "master key");
_Static_assert(KEY_BYTES == crypto_generichash_KEYBYTES, "digest key");
_Static_assert(KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "sealing key");
_Static_assert(KEY_BYTES >= crypto_shorthash_KEYBYTES, "fingerprint key");
_Static_assert(DIGEST_BYTES == crypto_shorthash_siphashx24_BYTES, "short digest size");
_Static_assert(DIGEST_BYTES >= crypto_generichash_BYTES_MIN, "digest size");
_Static_assert(SEAL_NONCE_BYTES + SEAL_MARK_BYTES == 40, "the size that base/digest.h promises");
_Static_assert(sizeof(crypto_generichash_state) <= sizeof(((struct digest_stream *)0)->state),
               "stream state");

void digest_start(void)
{
    if (sodium_init() < 0) {
        static const char message[] = "opspush: the cryptographic library cannot be started\n";
        ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
        (void)written;
        _exit(1);
    }
}

void keys_derive(struct keys *keys, const uint8_t master[KEY_BYTES])
{
    static const char context[crypto_kdf_CONTEXTBYTES] = {'o', 'p', 's', 'p', 'u', 's', 'h', '1'};
    memcpy(keys->of[0], master, KEY_BYTES);
    for (unsigned purpose = KEY_PERSON; purpose <= KEY_ALIAS; purpose++) {
        crypto_kdf_derive_from_key(keys->of[purpose], KEY_BYTES, purpose, context, master);
    }
}

void keys_wipe(struct keys *keys)
{
    mem_wipe(keys, sizeof *keys);
}

void digest_keyed(const struct keys *keys, enum key_purpose purpose, const void *bytes,
                  size_t length, struct digest *out)
{
    crypto_generichash(out->bytes, DIGEST_BYTES, bytes, length, keys->of[purpose], KEY_BYTES);
}

void digest_short(const struct keys *keys, enum key_purpose purpose, const void *bytes,
                  size_t length, struct digest *out)
{
    crypto_shorthash_siphashx24(out->bytes, bytes, length, keys->of[purpose]);
}

void digest_plain_hex(const void *bytes, size_t length, char out[65])
{
    unsigned char hash[HASH_BYTES];
    crypto_generichash(hash, sizeof hash, bytes, length, NULL, 0);
    sodium_bin2hex(out, 2 * HASH_BYTES + 1, hash, sizeof hash);
}

static crypto_generichash_state *stream_state(struct digest_stream *stream)
{
    return (crypto_generichash_state *)(void *)stream->state;
}

void digest_stream_init(struct digest_stream *stream)
{
    crypto_generichash_init(stream_state(stream), NULL, 0, HASH_BYTES);
}

void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t length)
{
    crypto_generichash_update(stream_state(stream), bytes, length);
}

void digest_stream_hex(struct digest_stream *stream, char out[65])
{
    unsigned char hash[HASH_BYTES];
    crypto_generichash_final(stream_state(stream), hash, sizeof hash);
    sodium_bin2hex(out, 2 * HASH_BYTES + 1, hash, sizeof hash);
}

uint64_t fingerprint_of(const struct keys *keys, enum key_purpose purpose, const void *bytes,
                        size_t length)
{
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, bytes, length, keys->of[purpose]);
    uint64_t fingerprint = 0;
    for (size_t i = sizeof hash; i > 0; i--) {
        fingerprint = fingerprint << 8 | hash[i - 1];
    }
    return fingerprint;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}

void digest_hex(const struct digest *digest, char out[33])
{
    sodium_bin2hex(out, 2 * DIGEST_BYTES + 1, digest->bytes, DIGEST_BYTES);
}

bool digest_from_hex(const char *hex, struct digest *out)
{
    size_t length = strlen(hex);
    size_t read = 0;
    struct digest digest;
    if (length != (size_t)2 * DIGEST_BYTES ||
        sodium_hex2bin(digest.bytes, DIGEST_BYTES, hex, length, NULL, &read, NULL) != 0 ||
        read != DIGEST_BYTES) {
        return false;
    }
    *out = digest;
    return true;
}

void seal_add(const struct keys *keys, const void *about, size_t about_length, const void *bytes,
              size_t length, struct text *out)
{
    text_reserve(out, length + SEAL_NONCE_BYTES + SEAL_MARK_BYTES);
    unsigned char *nonce = (unsigned char *)out->bytes + out->length;
    unsigned long long sealed = 0;
    randombytes_buf(nonce, SEAL_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + SEAL_NONCE_BYTES, &sealed, bytes, length,
                                               about, about_length, NULL, nonce,
                                               keys->of[KEY_SEAL]);
    out->length += SEAL_NONCE_BYTES + (size_t)sealed;
    out->bytes[out->length] = '\0';
}

int seal_open(const struct keys *keys, const void *about, size_t about_length, const void *sealed,
              size_t length, struct text *out)
{
    if (length < SEAL_NONCE_BYTES + SEAL_MARK_BYTES) {
        return -1;
    }
    text_reserve(out, length);
    const unsigned char *nonce = sealed;
    unsigned char *opened = (unsigned char *)out->bytes + out->length;
    unsigned long long size = 0;
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        opened, &size, NULL, nonce + SEAL_NONCE_BYTES, length - SEAL_NONCE_BYTES, about,
        about_length, nonce, keys->of[KEY_SEAL]);
    out->length += failed ? 0 : (size_t)size;
    out->bytes[out->length] = '\0';
    return failed ? -1 : 0;
}

void random_bytes(void *out, size_t length)
{
    randombytes_buf(out, length);
}

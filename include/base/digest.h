#ifndef OPSPUSH_BASE_DIGEST_H
#define OPSPUSH_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"

/*
 * Keyed digests (BLAKE2b), fingerprints (SipHash-2-4) and sealing (XChaCha20-Poly1305), by libsodium. One master key
 * stands in a file; a key for each purpose is derived from it, so that no two uses share a key.
 */

enum { DIGEST_BYTES = 16, KEY_BYTES = 32 };

struct digest {
    uint8_t bytes[DIGEST_BYTES];
};

enum key_purpose {
    KEY_PERSON = 1,
    KEY_PROFILE,
    KEY_FIELD,
    KEY_SEAL,
    KEY_ROW_TAG,
    KEY_CHECK,
    KEY_ALIAS
};

struct keys {
    uint8_t of[8][KEY_BYTES]; /* by purpose; [0] is the master */
};

void digest_start(
    void); /* once a program, before anything else here; a program's fault if it fails */
void keys_derive(struct keys *keys, const uint8_t master[KEY_BYTES]);
void keys_wipe(struct keys *keys);

void digest_keyed(const struct keys *keys, enum key_purpose purpose, const void *bytes,
                  size_t length, struct digest *out);
/*
 * The same for short inputs (ids), by SipHash-2-4 with 128 bits: a keyed digest of ten bytes in a sixth of the time, because
 * BLAKE2b spends a whole block on the key.
 */
void digest_short(const struct keys *keys, enum key_purpose purpose, const void *bytes,
                  size_t length, struct digest *out);
/* Unkeyed, 32 bytes, for files and texts that hold no personal data or are named in reports; lower-case hex. */
void digest_plain_hex(const void *bytes, size_t length, char out[65]);
/* The same, in pieces. */
struct digest_stream {
    _Alignas(64) unsigned char state[384];
};
void digest_stream_init(struct digest_stream *stream);
void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t length);
void digest_stream_hex(struct digest_stream *stream, char out[65]);

uint64_t fingerprint_of(const struct keys *keys, enum key_purpose purpose, const void *bytes,
                        size_t length);
bool digest_equal(const struct digest *a, const struct digest *b);
void digest_hex(const struct digest *digest, char out[33]);
bool digest_from_hex(const char *hex, struct digest *out);

/* Appends nonce and sealed bytes ('length' + 40). 'about' is bound to it (person, purpose): both must agree to open. */
void seal_add(const struct keys *keys, const void *about, size_t about_length, const void *bytes,
              size_t length, struct text *out);
/* Appends the opened bytes; -1 when it was not sealed by this key or was changed. No fault words: the caller has them. */
int seal_open(const struct keys *keys, const void *about, size_t about_length, const void *sealed,
              size_t length, struct text *out) MUST_CHECK;

void random_bytes(void *out, size_t length);

/* Appends the names and versions of the libraries behind this room: "libsodium 1.0.18, utf8proc 2.6.0". */
void base_versions(struct text *out);

#endif

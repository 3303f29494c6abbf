#include "base/digest.h"

#include <sodium.h>
#include <utf8proc.h>

void base_versions(struct text *out)
{
    text_addf(out, "libsodium %s, utf8proc %s", sodium_version_string(), utf8proc_version());
}

#include "mapping/survey.h"

void mapping_suggest(const struct export_guess *guess, const struct export_record *heading,
                     const char *export_path, struct text *out)
{
    (void)heading;
    (void)export_path;
    text_addf(
        out,
        "{\n  \"version\": 1,\n  \"name\": \"Students\",\n  \"file\": { \"encoding\": \"%s\", "
        "\"delimiter\": \"%s\" },\n  \"fields\": {\n    \"unique_id\": { \"from\": \"col(1)\" },\n"
        "    \"login_source\": { \"value\": \"SAML\" }\n  }\n}\n",
        encoding_name(guess->encoding),
        guess->delimiter == '\t' ? "tab" : (char[]){guess->delimiter, '\0'});
}

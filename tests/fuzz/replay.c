/* Hands every file named, and every file in every folder named, to a fuzz harness: corpora as tests, without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/file.h"

enum { INPUT_MOST = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int replay_file(const char *path, size_t *count)
{
    struct text input = {0};
    struct fault fault;
    if (file_read(path, INPUT_MOST, &input, FAULT_INPUT, &fault) != 0) {
        fprintf(stderr, "%s\n", fault.text);
        return -1;
    }
    /* A copy of the exact size, so that a sanitizer sees a read behind its end. */
    uint8_t *exact = malloc(input.length ? input.length : 1);
    if (!exact) {
        text_clear(&input);
        return -1;
    }
    for (size_t i = 0; i < input.length; i++) {
        exact[i] = (uint8_t)input.bytes[i];
    }
    LLVMFuzzerTestOneInput(exact, input.length);
    free(exact);
    text_clear(&input);
    ++*count;
    return 0;
}

static int replay_folder(const char *path, size_t *count)
{
    struct dirent **entries;
    int found = scandir(path, &entries, NULL, alphasort);
    int result = found < 0 ? -1 : 0;
    for (int i = 0; i < found; i++) {
        if (entries[i]->d_name[0] != '.') {
            char *file = file_join(path, entries[i]->d_name);
            result |= replay_file(file, count);
            free(file);
        }
        free(entries[i]);
    }
    if (found < 0) {
        perror(path);
    } else {
        free(entries);
    }
    return result;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    int result = 0;
    digest_start();
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode)) {
            result |= replay_folder(argv[i], &count);
        } else {
            result |= replay_file(argv[i], &count);
        }
    }
    printf("%zu inputs replayed\n", count);
    return result == 0 && count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

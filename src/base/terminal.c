#include "base/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_UNKNOWN = 80, WIDTH_MOST = 10000 };

bool terminal_is(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

size_t terminal_width(FILE *stream)
{
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const char *columns = getenv("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    return width > 0 && width <= WIDTH_MOST ? (size_t)width : WIDTH_UNKNOWN;
}

bool terminal_colours(FILE *stream, enum colour_wish wish)
{
    if (wish != COLOUR_AUTO) {
        return wish == COLOUR_ALWAYS;
    }
    const char *no_color = getenv("NO_COLOR");
    if ((no_color && *no_color) || text_is(getenv("TERM"), "dumb")) {
        return false;
    }
    return terminal_is(stream);
}

void terminal_add(struct text *out, bool on, enum colour colour, const char *words, ...)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = NULL, [COLOUR_GOOD] = "32", [COLOUR_WARN] = "33",
        [COLOUR_BAD] = "31",  [COLOUR_DIM] = "2",   [COLOUR_BOLD] = "1",
    };
    const char *code = on ? codes[colour] : NULL;
    if (code) {
        text_addf(out, "\033[%sm", code);
    }
    va_list arguments;
    va_start(arguments, words);
    text_addv(out, words, arguments);
    va_end(arguments);
    if (code) {
        text_add(out, "\033[0m");
    }
}

void terminal_guard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) {
            continue;
        }
        int opened = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
        if (opened != -1 && opened != descriptor) {
            close(opened);
        }
    }
}

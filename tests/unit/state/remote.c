#include "room.h"

/* The answer of base, given here: no network file system is at hand. */
static bool is_remote;

bool file_is_remote(const char *path)
{
    (void)path;
    return is_remote;
}

START_TEST(D15_a_network_file_system_is_refused_unless_it_is_allowed)
{
    struct room room;
    struct fault fault;
    room_init(&room);
    room_open(&room, STATE_CREATE);
    deliver(&room, 1);
    room_close(&room);
    is_remote = true;
    for (int mode = STATE_READ; mode <= STATE_CREATE; mode++)
        room_refused(&room, (enum state_mode)mode, FAULT_STATE, "network_state");
    struct state_options options = {.mode = STATE_WRITE, .allow_remote = true, .wall_ms = NOW};
    room.state = state_open(room.path, &options, &fault);
    ck_assert_msg(room.state != NULL, "%s", fault.text);
    room_clear(&room);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_test(c, D15_a_network_file_system_is_refused_unless_it_is_allowed);
}

int main(void)
{
    return unit_run("state/remote", all);
}

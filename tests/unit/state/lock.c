#include "room.h"

#include <sys/file.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <time.h>

static struct room room;

static void start(void)
{
    room_init(&room);
}

static void stop(void)
{
    room_clear(&room);
}

/* A child that holds the lock until it reads the end of a pipe. */
struct holder {
    pid_t pid;
    int end;
};

static struct holder holder_start(void)
{
    int ready[2], end[2];
    char byte;
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(end), 0);
    struct holder holder = {.pid = fork(), .end = end[1]};
    if (holder.pid == 0) {
        struct fault fault;
        close(end[1]);
        struct state_lock *lock = state_lock_take(room.path, 0, NULL, &fault);
        ck_assert_int_eq(write(ready[1], lock ? "y" : "n", 1), 1);
        ck_assert_int_eq(read(end[0], &byte, 1), 0);
        _exit(0);
    }
    close(end[0]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    close(ready[0]);
    close(ready[1]);
    return holder;
}

static void holder_stop(struct holder holder)
{
    close(holder.end);
    ck_assert_int_eq(waitpid(holder.pid, NULL, 0), holder.pid);
}

START_TEST(D3_a_second_run_is_turned_away_with_pid_host_and_start_of_the_first)
{
    struct fault fault = {0};
    char pid[32], host[256] = "";
    struct holder holder = holder_start();
    ck_assert_ptr_null(state_lock_take(room.path, 0, NULL, &fault));
    ck_assert_int_eq(fault.kind, FAULT_BUSY);
    snprintf(pid, sizeof pid, "pid %ld on ", (long)holder.pid);
    gethostname(host, sizeof host - 1);
    ck_assert_ptr_nonnull(strstr(fault.text, pid));
    ck_assert_ptr_nonnull(strstr(fault.text, host));
    ck_assert_ptr_nonnull(strstr(fault.text, " since 2"));
    holder_stop(holder);
}
END_TEST

START_TEST(D4_a_lock_ends_with_its_process_and_is_never_stale)
{
    struct fault fault = {0};
    struct holder holder = holder_start();
    ck_assert_int_eq(kill(holder.pid, SIGKILL), 0);
    holder_stop(holder);
    ck_assert(file_exists(beside(&room, ".lock")));
    struct state_lock *lock = state_lock_take(room.path, 0, NULL, &fault);
    ck_assert_ptr_nonnull(lock);
    state_lock_release(lock);
    ck_assert(file_exists(beside(&room, ".lock")));
    lock = state_lock_take(room.path, 0, NULL, &fault);
    ck_assert_ptr_nonnull(lock);
    state_lock_release(lock);
}
END_TEST

START_TEST(D3_a_run_that_waits_gets_the_lock_when_the_other_ends)
{
    struct fault fault = {0};
    struct holder holder = holder_start();
    pid_t waiter = fork();
    if (waiter == 0) {
        close(holder.end);
        _exit(state_lock_take(room.path, 60000, NULL, &fault) ? 0 : 1);
    }
    holder_stop(holder);
    int status;
    ck_assert_int_eq(waitpid(waiter, &status, 0), waiter);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_signal_ends_the_wait_and_is_no_fault)
{
    struct fault fault = {.kind = FAULT_STALE, .text = "of before"};
    volatile sig_atomic_t signal = SIGTERM;
    struct holder holder = holder_start();
    ck_assert_ptr_null(state_lock_take(room.path, 60000, &signal, &fault));
    ck_assert_int_eq(fault.kind, FAULT_NONE);
    signal = 0;
    ck_assert_ptr_null(state_lock_take(room.path, 0, &signal, &fault));
    ck_assert_int_eq(fault.kind, FAULT_BUSY);
    holder_stop(holder);
    signal = SIGTERM;
    struct state_lock *lock = state_lock_take(room.path, 0, &signal, &fault);
    ck_assert_msg(lock != NULL, "a lock that is free is waited for by nobody");
    state_lock_release(lock);
}
END_TEST

/* All wait at a closed pipe, race, and hold what they got until the race is over. */
START_TEST(D3_of_fifty_racing_starts_one_gets_the_lock)
{
    enum { RACERS = 50 };
    int go[2], told[2], end[2];
    unsigned winners = 0;
    char byte;
    ck_assert(pipe(go) == 0 && pipe(told) == 0 && pipe(end) == 0);
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0) {
            struct fault fault;
            close(go[1]);
            close(end[1]);
            if (read(go[0], &byte, 1) != 0)
                _exit(2);
            bool won = state_lock_take(room.path, 0, NULL, &fault) != NULL;
            if (write(told[1], won ? "y" : fault.kind == FAULT_BUSY ? "n" : "?", 1) != 1)
                _exit(2);
            _exit(read(end[0], &byte, 1) == 0 ? 0 : 2);
        }
    close(go[1]);
    for (int i = 0; i < RACERS; i++) {
        ck_assert_int_eq(read(told[0], &byte, 1), 1);
        ck_assert(byte == 'y' || byte == 'n');
        winners += byte == 'y';
    }
    close(end[1]);
    for (int i = 0; i < RACERS; i++)
        ck_assert_int_gt(wait(NULL), 0);
    ck_assert_uint_eq(winners, 1);
}
END_TEST

START_TEST(a_lock_that_is_a_link_or_a_folder_is_a_fault)
{
    struct fault fault = {0};
    ck_assert_int_eq(symlink("elsewhere", beside(&room, ".lock")), 0);
    ck_assert_ptr_null(state_lock_take(room.path, 0, NULL, &fault));
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    char *elsewhere = file_join(room.folder, "elsewhere");
    ck_assert(!file_exists(elsewhere));
    free(elsewhere);
    ck_assert_int_eq(unlink(beside(&room, ".lock")), 0);
    ck_assert_int_eq(mkdir(beside(&room, ".lock"), 0700), 0);
    ck_assert_ptr_null(state_lock_take(room.path, 0, NULL, &fault));
    ck_assert_int_eq(fault.kind, FAULT_STATE);
    ck_assert_int_eq(rmdir(beside(&room, ".lock")), 0);
}
END_TEST

START_TEST(words_written_into_the_lock_by_another_are_cleaned)
{
    struct fault fault = {0};
    struct holder holder = holder_start();
    FILE *file = fopen(beside(&room, ".lock"), "w");
    fputs("pid 1 \033[31mred\n", file);
    fclose(file);
    ck_assert_ptr_null(state_lock_take(room.path, 0, NULL, &fault));
    ck_assert_ptr_null(strchr(fault.text, '\033'));
    holder_stop(holder);
}
END_TEST

START_TEST(whether_a_run_goes_on_is_seen_by_its_lock_and_leaves_no_trace)
{
    struct fault fault = {0};
    struct text holder = {0};
    char pid[32];
    ck_assert(!state_lock_is_held(room.path, &holder));
    ck_assert(!file_exists(beside(&room, ".lock")));
    struct holder child = holder_start();
    snprintf(pid, sizeof pid, "pid %ld on ", (long)child.pid);
    ck_assert(state_lock_is_held(room.path, &holder));
    ck_assert_ptr_nonnull(strstr(holder.bytes, pid));
    ck_assert_ptr_nonnull(strstr(holder.bytes, " since 2"));
    text_reset(&holder);
    ck_assert_int_eq(kill(child.pid, SIGKILL), 0);
    holder_stop(child);
    ck_assert_msg(!state_lock_is_held(room.path, &holder),
                  "its words outlive it, the lock does not");
    ck_assert_uint_eq(holder.length, 0);
    struct state_lock *lock = state_lock_take(room.path, 0, NULL, &fault);
    ck_assert_ptr_nonnull(lock);
    state_lock_release(lock);
    text_clear(&holder);
}
END_TEST

START_TEST(a_look_at_the_lock_turns_no_run_away)
{
    struct fault fault = {0};
    int ready[2];
    char byte;
    state_lock_release(state_lock_take(room.path, 0, NULL, &fault));
    ck_assert_int_eq(pipe(ready), 0);
    pid_t looker = fork();
    if (looker == 0) {
        struct timespec moment = {.tv_nsec = 20000000};
        int descriptor = open(beside(&room, ".lock"), O_RDONLY);
        bool has = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
        ck_assert_int_eq(write(ready[1], "y", 1), 1);
        nanosleep(&moment, NULL);
        _exit(has ? 0 : 1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    struct state_lock *lock = state_lock_take(room.path, 0, NULL, &fault);
    ck_assert_msg(lock != NULL, "%s", fault.text);
    state_lock_release(lock);
    int status;
    ck_assert_int_eq(waitpid(looker, &status, 0), looker);
    ck_assert_int_eq(status, 0);
}
END_TEST

static void all(TCase *c)
{
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, D3_a_second_run_is_turned_away_with_pid_host_and_start_of_the_first);
    tcase_add_test(c, D4_a_lock_ends_with_its_process_and_is_never_stale);
    tcase_add_test(c, D3_a_run_that_waits_gets_the_lock_when_the_other_ends);
    tcase_add_test(c, a_signal_ends_the_wait_and_is_no_fault);
    tcase_add_test(c, D3_of_fifty_racing_starts_one_gets_the_lock);
    tcase_add_test(c, a_lock_that_is_a_link_or_a_folder_is_a_fault);
    tcase_add_test(c, words_written_into_the_lock_by_another_are_cleaned);
    tcase_add_test(c, whether_a_run_goes_on_is_seen_by_its_lock_and_leaves_no_trace);
    tcase_add_test(c, a_look_at_the_lock_turns_no_run_away);
}

int main(void)
{
    return unit_run("state/lock", all);
}

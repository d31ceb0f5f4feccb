/* Both reports of one invented ledger: the whole text, the JSON's fields, and strings that attack. */
#include "report.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger_build.h"
#include "settings.h"

static double leak(double s)
{
    return s * 1048576;
}
static double table(double s)
{
    return s < 5 ? s * 200e3 : 1e6;
}

/* A process whose code is in no file that exists: names are module + offset. */
static struct build invented(const char *program, const char *module)
{
    const char *const command[] = {program, "--port", "8080", NULL};
    struct build b = build_new();
    uint32_t m = build_module(&b, module);
    uint32_t root = build_node(&b, 0, m, 0x1000, 0);
    uint32_t again = build_node(&b, root, m, 0x1100, NODE_REPEATS);
    struct history *h = build_history(&b, build_site(&b, build_node(&b, again, m, 0x1200, 0)), leak, 0);
    build_history(&b, build_site(&b, build_node(&b, root, 0, 0x7f0000001300, 0)), table, 0);
    h->peak_epoch = 1; /* the other was not sampled then: what it holds now is taken */
    h->at_peak = 62000000;
    b.head->command = build_command(&b, command);
    b.head->losses[LOSS_DEPTH] = 12;
    b.head->losses[LOSS_NESTED] = 3;
    b.head->peak_live_bytes = 63000000;
    b.head->peak_ms = 59900;
    b.head->peak_epoch = 1;
    b.head->peak_rss_bytes = 80 << 20;
    b.head->rss_bytes = 70 << 20;
    return b;
}

enum form { TEXT, JSON, DENSE };

static char *print(const struct build *b, enum form form, const struct suppressions *s)
{
    struct ledger l;
    struct report r;
    char why[256], *text = NULL;
    size_t size;
    struct report_options options = {.top = 10, .suppressions = s};
    assert_int_equal(ledger_view(&l, b->bytes, b->size, why, sizeof why), 0);
    assert_int_equal(report_make(&r, &l, &options, why, sizeof why), 0);
    FILE *out = open_memstream(&text, &size);
    if (form == JSON)
        assert_int_equal(report_json(&r, out), 0);
    else if (form == DENSE)
        assert_int_equal(report_json_dense(&r, out), 0);
    else
        report_text(&r, out, false);
    fclose(out);
    report_free(&r);
    return text;
}

static void text_report_has_its_shape(void **state)
{
    static const char expected[] =
        "leakwatch: 1 of 2 call sites grows without bound  (+1.0 MiB/s)\n"
        "\n"
        "myserver --port 8080   pid 4194305   ran 60.0 s   ended: exit 0   exact recording\n"
        "resident 70.0 MiB; tracked live 61.0 MiB\n"
        "\n"
        "#1  GROWING  linear   +1.0 MiB/s   102.4 KiB -> 60.0 MiB   629,145 blocks live of 629,145   "
        "confidence ";
    static const char rest[] = "          libgone.so+0x1200\n"
                               "          libgone.so+0x1100  (recursive)\n"
                               "          libgone.so+0x1000\n"
                               "    suppress with  leak:libgone.so\n"
                               "\n"
                               "Not growing: 1 resident (976.6 KiB, biggest 0x7f0000001300 976.6 KiB)\n"
                               "At peak (60.1 MiB at 59.9 s): libgone.so+0x1200 held 98 %\n"
                               "Not seen: 3 lost events; 3 allocations inside another allocation call, or in "
                               "a signal handler that interrupted one; "
                               "12 stacks cut at 128 frames; libgone.so cannot be read\n";
    struct build b = invented("myserver", "/nonexistent/libgone.so");
    (void)state;
    char *text = print(&b, TEXT, NULL);
    const char *stack = strstr(text, "          libgone.so+0x1200\n");
    assert_memory_equal(text, expected, 200);
    assert_non_null(strstr(text, "    live  ▁▁"));
    assert_non_null(stack);
    assert_string_equal(stack, rest);
    free(text);
    build_free(&b);
}

static json_t *at(json_t *root, const char *object, const char *key)
{
    return json_object_get(json_object_get(root, object), key);
}

static void json_report_has_every_field(void **state)
{
    static const char *const fields[] = {
        "id",
        "kind",
        "verdict",
        "shape",
        "confidence",
        "live_bytes",
        "live_blocks",
        "peak_bytes",
        "allocations",
        "frees",
        "allocated_bytes",
        "growth_bytes_per_s",
        "growth_bytes_per_allocation",
        "first_flagged_s",
        "seconds_to_limit",
        "suppressed",
        "from_bytes",
        "to_bytes",
        "named",
        "suppress_with",
        "history",
        "stack",
    };
    struct build b = invented("myserver", "/nonexistent/libgone.so");
    (void)state;
    char *text = print(&b, JSON, NULL);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "schema")), "leakwatch-report/1");
    assert_string_equal(json_string_value(json_object_get(root, "headline")),
                        "1 of 2 call sites grows without bound  (+1.0 MiB/s)");
    assert_string_equal(json_string_value(at(root, "process", "ended")), "exit");
    assert_int_equal(json_integer_value(at(root, "process", "exit_status")), 0);
    assert_string_equal(json_string_value(at(root, "process", "started")), "2023-11-14T22:13:20.123Z");
    assert_int_equal(json_array_size(at(root, "process", "command")), 3);
    assert_int_equal(json_integer_value(json_object_get(at(root, "recorder", "losses"), "depth")), 12);
    assert_true(json_is_array(at(root, "recorder", "notes")));
    assert_true(json_is_null(at(root, "memory", "retained_bytes")));
    assert_int_equal(json_integer_value(at(root, "totals", "growing")), 1);
    json_t *sites = json_object_get(root, "sites"), *site = json_array_get(sites, 0);
    assert_int_equal(json_array_size(sites), 2);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!json_object_get(site, fields[i]))
            fail_msg("no field %s", fields[i]);
    assert_string_equal(json_string_value(json_object_get(site, "verdict")), "growing");
    assert_int_equal(json_array_size(json_object_get(site, "stack")), 3);
    assert_int_equal(json_integer_value(json_object_get(site, "named")), 0);
    assert_string_equal(json_string_value(json_object_get(site, "suppress_with")), "libgone.so");
    assert_int_equal(json_integer_value(json_object_get(site, "to_bytes")), 60 << 20);
    assert_true(json_is_null(json_object_get(json_array_get(sites, 1), "shape")));
    json_decref(root);
    free(text);
    build_free(&b);
}

static json_t *loaded(const struct build *b, enum form form)
{
    char *text = print(b, form, NULL);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    free(text);
    return root;
}

/* With the frames in place of their numbers, and each of them in use, it is the report. */
static void dense_json_says_the_same_with_each_frame_once(void **state)
{
    struct build b = invented("myserver", "/nonexistent/libgone.so");
    json_t *full = loaded(&b, JSON), *dense = loaded(&b, DENSE), *site, *number;
    json_t *frames = json_incref(json_object_get(dense, "frames"));
    size_t i, k;
    (void)state;
    json_array_foreach(json_object_get(dense, "sites"), i, site)
        json_array_foreach(json_object_get(site, "stack"), k, number) json_array_set(
            json_object_get(site, "stack"), k, json_array_get(frames, (size_t)json_integer_value(number)));
    assert_string_equal(json_string_value(json_object_get(dense, "schema")), "leakwatch-page/1");
    json_object_set_new(dense, "schema", json_string("leakwatch-report/1"));
    json_object_del(dense, "frames");
    assert_true(json_equal(full, dense));
    assert_int_equal(json_array_size(frames), 4);
    json_decref(frames);
    json_decref(dense);
    json_decref(full);
    build_free(&b);
}

static void suppressed_growth_is_not_in_the_headline(void **state)
{
    struct build b = invented("myserver", "/nonexistent/libgone.so");
    struct suppressions s = {0};
    (void)state;
    assert_true(suppressions_add(&s, "leak:libgone"));
    char *text = print(&b, TEXT, &s);
    assert_memory_equal(text, "leakwatch: no site grows  (2 call sites)  (1 more suppressed)\n", 62);
    free(text);
    text = print(&b, JSON, &s);
    assert_non_null(strstr(text, "\"suppressed\": true"));
    assert_non_null(strstr(text, "\"growing\": 0"));
    free(text);
    suppressions_free(&s);
    build_free(&b);
}

/* No byte of the target's strings gets to the terminal as it is, and JSON stays JSON. */
static void names_cannot_command_the_terminal(void **state)
{
    struct build b = invented("\033[2J\xff\n", "/nonexistent/\033]0;owned\007\xfe.so");
    (void)state;
    memcpy(b.head->program, "\033[31m\xff", 7);
    char *text = print(&b, TEXT, NULL);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\007'));
    assert_null(strchr(text, '\xff'));
    free(text);
    text = print(&b, JSON, NULL);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_null(strchr(text, '\033'));
    json_decref(root);
    free(text);
    build_free(&b);
}

static void short_run_says_so_and_shows_what_is_live(void **state)
{
    struct build b = invented("myserver", "/nonexistent/libgone.so");
    (void)state;
    struct history *h = (struct history *)(void *)(b.bytes + b.head->area[AREA_HISTORIES].offset);
    for (uint32_t site = 1; site <= 2; site++)
        history_init(&h[site], site, 0, 10, 0);
    b.head->exit_began_ms = 301;
    b.head->ended_ms = 300;
    char *text = print(&b, TEXT, NULL);
    assert_memory_equal(text, "leakwatch: ran 0.3 s: too short to judge growth; largest live sites follow\n",
                        75);
    assert_non_null(strstr(text, "#1  live 60.0 MiB   629,145 blocks of 629,145\n"));
    free(text);
    build_free(&b);
}

static void ledgers_of_one_child_are_told_apart(void **state)
{
    struct build b = invented("myserver", "/nonexistent/libgone.so");
    struct ledger l;
    struct report r;
    char why[256], *text = NULL;
    size_t size;
    struct report_options options = {.top = 10};
    (void)state;
    assert_int_equal(ledger_view(&l, b.bytes, b.size, why, sizeof why), 0);
    assert_int_equal(report_make(&r, &l, &options, why, sizeof why), 0);
    r.children = (struct children){.items = calloc(2, sizeof *r.children.items), .count = 2, .recorded = 2};
    r.children.items[0] =
        (struct child){.path = strdup("/x/sh.7.lw"), .program = "sh", .pid = 7, .growing = 1};
    r.children.items[1] =
        (struct child){.path = strdup("/x/ls.7.lw"), .program = "ls", .pid = 7, .growing = 1};
    FILE *out = open_memstream(&text, &size);
    report_text(&r, out, false);
    fclose(out);
    assert_non_null(strstr(text, "sh (pid 7, before its exec), leakwatch report /x/sh.7.lw; "
                                 "ls (pid 7), leakwatch report 7\n"));
    report_free(&r);
    free(text);
    build_free(&b);
}

/* The report code reads what the reader lets through: none of it may be believed. */
static void damaged_ledgers_are_reported_without_a_crash(void **state)
{
    struct build good = invented("myserver", "/nonexistent/libgone.so"), b = invented("x", "/y");
    (void)state;
    unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)getpid();
    print_message("seed %u\n", seed);
    srandom(seed);
    for (int round = 0; round < 400; round++) {
        memcpy(b.bytes, good.bytes, good.size);
        for (int i = 0; i < 6; i++) {
            uint64_t area = b.head->area[random() % AREAS].offset % b.size;
            uint64_t base = i ? area : 400; /* the header behind its areas */
            b.bytes[(base + (uint64_t)random() % 700) % b.size] = (unsigned char)random();
        }
        struct ledger l;
        char why[256];
        if (ledger_view(&l, b.bytes, b.size, why, sizeof why) == 0) {
            free(print(&b, TEXT, NULL));
            free(print(&b, JSON, NULL));
            free(print(&b, DENSE, NULL));
        }
    }
    build_free(&good);
    build_free(&b);
}

static void settings_take_what_the_recorder_takes(void **state)
{
    static const struct {
        const char *option, *good, *bad;
    } values[] = {
        {"interval", "250ms", "250"}, {"interval", "1m", "0s"},   {"sample", "512k", "-1"},
        {"sample", "0", "1t"},        {"depth", "256", "257"},    {"min-bytes", "64k", "k"},
        {"top", "0", "1e3"},          {"format", "json", "xml"},  {"children", "all", "some"},
        {"mmap", "0", "yes"},         {"exitcode", "255", "256"}, {"output", "/tmp/%p", "/tmp/%x"},
        {"output", "stderr", ""},     {"warmup", "0", "5"},       {"signal", "USR2", ";"},
        {"verbose", "2", "3"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct setting *s = settings_table;
        while (strcmp(s->option, values[i].option) != 0)
            s++;
        if (!settings_accepts(s, values[i].good) || settings_accepts(s, values[i].bad))
            fail_msg("--%s: %s is good and %s is not", s->option, values[i].good, values[i].bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_report_has_its_shape),
        cmocka_unit_test(json_report_has_every_field),
        cmocka_unit_test(dense_json_says_the_same_with_each_frame_once),
        cmocka_unit_test(suppressed_growth_is_not_in_the_headline),
        cmocka_unit_test(names_cannot_command_the_terminal),
        cmocka_unit_test(short_run_says_so_and_shows_what_is_live),
        cmocka_unit_test(ledgers_of_one_child_are_told_apart),
        cmocka_unit_test(damaged_ledgers_are_reported_without_a_crash),
        cmocka_unit_test(settings_take_what_the_recorder_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The bare limit of creating on PostgreSQL: libpq, and nothing of ours. The statements that the
 * server's write lane sends, with rows of the same size, prepared and in pipeline mode, a
 * transaction per batch. Where the server waits for an answer before it sends on, this does only
 * if it needs what the answer says: so twice in a transaction, and the server five times.
 *
 *   bare_libpq URL BATCH SECONDS
 *
 * The database is fresh, with the workspace and the account of the benchmarks (`bzctrld workspace
 * add` and `user add` make them), and of no use afterwards: what stands for hashes is none. Prints
 * one line of JSON: rows_per_second, p50_us and p99_us of a batch.
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { BATCH_MAX = 1024, ARGUMENTS_MAX = 30, DIGEST = 16, LATENCIES_MAX = 1 << 20 };

/* ---- statements: copied from src/store, where each says what it is for ---- */

enum {
    BEGIN,
    NODE,
    KEYS,
    CHAIN_TAKE,
    COUNTER,
    EVENT,
    TASK,
    ANSWER,
    COUNTER_SAVE,
    CHAIN_SAVE,
    COMMIT
};

/* `types`: of each parameter; i: bigint, t: text, b: bytea. */
static const struct {
    const char *name, *types, *sql;
} statements[] = {
    [BEGIN] = {"begin", "", "BEGIN"},
    [NODE] = {"node", "ibi",
              "UPDATE node SET lease_until = $3 WHERE id = $1 AND owner = $2"
              " RETURNING (SELECT version FROM directory_version)"},
    [KEYS] = {"keys", "bi",
              "WITH RECURSIVE wanted (i) AS"
              " (SELECT 0 UNION ALL SELECT i + 1 FROM wanted WHERE i + 1 < $2)"
              " SELECT i, (SELECT a.id FROM answer a"
              " WHERE a.digest = SUBSTR($1, i * 16 + 1, 16)) FROM wanted"},
    [CHAIN_TAKE] = {"chain", "i",
                    "UPDATE chain SET seq = seq WHERE domain_id = $1"
                    " RETURNING ordinal, seq, at, hash"},
    [COUNTER] = {"counter", "i", "SELECT number FROM counter WHERE workspace_id = $1"},
    [EVENT] = {"event", "iiiiittbbbt",
               "INSERT INTO event (place, at, actor_id, task_id, previous_seq, action, key,"
               " payload_hash, hash, salt, payload)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"},
    [TASK] = {"task", "iiiiiiiiiiiiiiiiiiittttttitttt",
              "INSERT INTO task (id, workspace_id, number, version, last_seq, created_at,"
              " updated_at, type, status, impact, likelihood, priority, reporter_id, assignee_id,"
              " source_id, financial_impact, due_date, reminder_date, occurred_at, category, tags,"
              " sub_category, order_id, lrn, form, form_version, title, extra, result, description)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
              " $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)"},
    [ANSWER] = {"answer", "ibbitb",
                "INSERT INTO answer (id, digest, request, status, headers, body)"
                " VALUES ($1, $2, $3, $4, $5, $6)"},
    [COUNTER_SAVE] = {"counter_save", "ii",
                      "INSERT INTO counter (workspace_id, number) VALUES ($1, $2)"
                      " ON CONFLICT (workspace_id) DO UPDATE SET number = excluded.number"},
    [CHAIN_SAVE] = {"chain_save", "iiib",
                    "UPDATE chain SET seq = $2, at = $3, hash = $4 WHERE ordinal = $1"},
    [COMMIT] = {"commit", "", "COMMIT"},
};

/* ---- what a report of create.lua becomes ---- */

static const char payload[] =
    "{\"todoType\":[null,\"INCIDENT\"],\"workspace\":[null,\"EXA-CON-BUS-WOR\"],"
    "\"title\":[null,\"Potential Customs claim\"],"
    "\"description\":[null,\"Operation started without proper approvals\"],"
    "\"financialImpact\":[null,\"714864.00\"],\"financialImpactCurrency\":[null,\"EUR\"],"
    "\"impact\":[null,\"High\"],\"likelihood\":[null,\"Medium\"],\"status\":[null,\"In Progress\"],"
    "\"priority\":[null,\"High\"],\"assignee\":[null,\"example@example.com\"],"
    "\"reporter\":[null,\"example@example.com\"],\"source\":[null,\"example@example.com\"],"
    "\"category\":[null,[\"Customs\"]],\"subCategory\":[null,[\"IT\"]],"
    "\"orderID\":[null,[\"ORDER 837706\"]],\"LRN\":[null,\"712877\"],"
    "\"tags\":[null,[\"ORDER 837706\",\"712877\"]],\"reminderDate\":[null,\"2024-09-27\"],"
    "\"form\":[null,\"default\"],\"formVersion\":[null,1]}";
static const char headers[] =
    "Location: http://127.0.0.1:36587/bzctrl-core-api/api/v1/tasks/EXA-CON-BUS-WOR-123456\n"
    "ETag: \"1\"\n"
    "Bzctrl-Receipt: EXA-CON-BUS:123456:arn59HBuFeQi1IfUKrVgV3yIi0Ld7CZtrdkwrY7IFQo=\n";
static const char body[] =
    "{\"title\":\"Potential Customs claim\",\"taskType\":\"INCIDENT\","
    "\"description\":\"Operation started without proper approvals\","
    "\"taskLink\":\"http://127.0.0.1:36587/app/#/todo/EXA-CON-BUS-WOR-123456\","
    "\"tags\":[\"ORDER 837706\",\"712877\"]}";
static const char hash[32] = "a hash is 32 bytes of any kind.";

/* ---- libpq ---- */

static PGconn *pg;

static void die(const char *what)
{
    fprintf(stderr, "bare_libpq: %s: %s\n", what, PQerrorMessage(pg));
    exit(1);
}

struct argument {
    const char *p;
    int n;
    bool number;
    char bytes[8]; /* of a number, in the network's order */
};

static struct argument i64(int64_t number)
{
    struct argument argument = {.n = 8, .number = true};
    for (int i = 0; i < 8; i++)
        argument.bytes[i] = (char)((uint64_t)number >> (56 - 8 * i));
    return argument;
}

static struct argument bytes(const void *p, size_t n)
{
    return (struct argument){.p = p, .n = (int)n};
}

static struct argument text(const char *words)
{
    return bytes(words, strlen(words));
}

static struct argument null(void)
{
    return (struct argument){0};
}

/* Queues a statement. */
static void queue(int which, const struct argument *arguments)
{
    const char *values[ARGUMENTS_MAX];
    int lengths[ARGUMENTS_MAX], formats[ARGUMENTS_MAX];
    int n = (int)strlen(statements[which].types);
    for (int i = 0; i < n; i++) {
        values[i] = arguments[i].number ? arguments[i].bytes : arguments[i].p;
        lengths[i] = arguments[i].n;
        formats[i] = 1;
    }
    if (PQsendQueryPrepared(pg, statements[which].name, n, values, lengths, formats, 1) != 1)
        die(statements[which].name);
}
#define QUEUE(which, ...) queue(which, (const struct argument[]){__VA_ARGS__})

/* The result of the next statement in the queue. */
static PGresult *result_next(void)
{
    PGresult *result = PQgetResult(pg), *end = PQgetResult(pg);
    ExecStatusType status = PQresultStatus(result);
    if ((status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) || end != NULL)
        die("a statement");
    return result;
}

static void results_skip(size_t n)
{
    while (n-- > 0)
        PQclear(result_next());
}

static int64_t result_i64(const PGresult *result, int column)
{
    int64_t number = 0;
    if (PQntuples(result) > 0)
        for (int i = 0; i < 8; i++)
            number = number << 8 | (unsigned char)PQgetvalue(result, 0, column)[i];
    return number;
}

static void sync_send(void)
{
    if (PQpipelineSync(pg) != 1)
        die("sync");
}

static void sync_read(void)
{
    PGresult *result = PQgetResult(pg);
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
        die("sync");
    PQclear(result);
}

/* ---- the loop ---- */

static int64_t workspace_id, domain_id, account_id, id;
static const char owner[16];

static int64_t microseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int64_t ask(const char *sql)
{
    PGresult *result = PQexecParams(pg, sql, 0, NULL, NULL, NULL, NULL, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        die(sql);
    int64_t number = result_i64(result, 0);
    PQclear(result);
    return number;
}

static void prepare(const char *url)
{
    /* The settings of the server's sessions that a plan depends on. */
    const char *const names[] = {"dbname", "options", NULL};
    const char *const values[] = {url, "-c jit=off -c enable_seqscan=off", NULL};
    pg = PQconnectdbParams(names, values, 1);
    if (PQstatus(pg) != CONNECTION_OK)
        die("connect");
    workspace_id = ask("SELECT id FROM workspace WHERE key = 'EXA-CON-BUS-WOR'");
    domain_id = ask("SELECT domain_id FROM workspace WHERE key = 'EXA-CON-BUS-WOR'");
    account_id = ask("SELECT id FROM account WHERE email = 'example@example.com'");
    ask("UPDATE node SET owner = decode(repeat('00', 16), 'hex') WHERE id = 0 RETURNING id");
    ask("INSERT INTO chain (ordinal, domain_id, seq, at, hash)"
        " SELECT 1, domain_id, 0, 0, sha256('') FROM workspace WHERE key = 'EXA-CON-BUS-WOR'"
        " RETURNING domain_id");
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        Oid types[ARGUMENTS_MAX] = {0}; /* by their numbers in PostgreSQL's catalog */
        int n = (int)strlen(statements[i].types);
        for (int k = 0; k < n; k++)
            types[k] = statements[i].types[k] == 'i' ? 20 : statements[i].types[k] == 't' ? 25 : 17;
        PGresult *result = PQprepare(pg, statements[i].name, statements[i].sql, n, types);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            die(statements[i].name);
        PQclear(result);
    }
    if (PQenterPipelineMode(pg) != 1)
        die("pipeline");
}

static void create(int64_t seq, int64_t number, int64_t now, const char *digest)
{
    char key[64];
    int64_t task_id = id++;
    snprintf(key, sizeof key, "EXA-CON-BUS-WOR-%lld", (long long)number);
    QUEUE(EVENT, i64((INT64_C(1) << 40) + seq), i64(now), i64(account_id), i64(task_id), i64(0),
          text("task.created"), text(key), bytes(hash, 32), bytes(hash, 32), bytes(hash, DIGEST),
          text(payload));
    QUEUE(TASK, i64(task_id), i64(workspace_id), i64(number), i64(1), i64(seq), i64(now), i64(now),
          i64(1), i64(2), i64(1), i64(2), i64(1), i64(account_id), i64(account_id), i64(account_id),
          i64(71486400), null(), i64(19993), null(), text("[\"Customs\"]"),
          text("[\"ORDER 837706\",\"712877\"]"), text("[\"IT\"]"), text("[\"ORDER 837706\"]"),
          text("712877"), text("default"), i64(1), text("Potential Customs claim"), text("{}"),
          null(), text("Operation started without proper approvals"));
    QUEUE(ANSWER, i64(id++), bytes(digest, DIGEST), bytes(digest, DIGEST), i64(201), text(headers),
          text(body));
}

static void batch_write(size_t n)
{
    static char digests[BATCH_MAX][DIGEST];
    int64_t now = microseconds(CLOCK_REALTIME) / 1000;
    if (getrandom(digests, n * DIGEST, 0) != (ssize_t)(n * DIGEST))
        die("getrandom");

    queue(BEGIN, NULL);
    QUEUE(NODE, i64(0), bytes(owner, sizeof owner), i64(now + 60000));
    QUEUE(KEYS, bytes(digests, n * DIGEST), i64((int64_t)n));
    QUEUE(CHAIN_TAKE, i64(domain_id));
    QUEUE(COUNTER, i64(workspace_id));
    sync_send();
    results_skip(3);
    PGresult *chain = result_next(), *counter = result_next();
    int64_t seq = result_i64(chain, 1), number = result_i64(counter, 0);
    PQclear(chain);
    PQclear(counter);
    sync_read();

    for (size_t i = 0; i < n; i++)
        create(++seq, ++number, now, digests[i]);
    QUEUE(COUNTER_SAVE, i64(workspace_id), i64(number));
    QUEUE(CHAIN_SAVE, i64(1), i64(seq), i64(now), bytes(hash, 32));
    queue(COMMIT, NULL);
    sync_send();
    results_skip(3 * n + 3);
    sync_read();
}

static int float_cmp(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static float latencies[LATENCIES_MAX];
    size_t batch = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, n = 0;
    if (batch == 0 || batch > BATCH_MAX) {
        fprintf(stderr, "usage: bare_libpq URL BATCH SECONDS\n");
        return 64;
    }
    prepare(argv[1]);
    int64_t start = microseconds(CLOCK_MONOTONIC), now = start;
    int64_t end = start + (int64_t)(strtod(argv[3], NULL) * 1e6);
    /* As base/id.h makes them: they grow with time. */
    id = (microseconds(CLOCK_REALTIME) / 1000 - INT64_C(1577836800000)) << 22;
    while (now < end && n < LATENCIES_MAX) {
        int64_t before = now;
        batch_write(batch);
        now = microseconds(CLOCK_MONOTONIC);
        latencies[n++] = (float)(now - before);
    }
    qsort(latencies, n, sizeof *latencies, float_cmp);
    printf("{\"rows_per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n",
           (double)(n * batch) / (double)(now - start) * 1e6, (double)latencies[n / 2],
           (double)latencies[n * 99 / 100]);
    PQfinish(pg);
    return 0;
}

/*
 * The test cases that may be skipped, and why. Any other that is skipped has failed (tests/run.mjs): what
 * tools/need.sh installs is there, and nothing goes untested in silence.
 *
 * A row: the start of the test's name and, at the end of it, its engine; a pattern of the reason. A case of
 * a C program gives no reason, so its row has the name of the case and the reason to print.
 */
const SQLITE = '';
const PG = ' (pg)';
const BOTH = undefined;

const STRACE = /^NOT TESTED: strace cannot trace here/;
const NAMESPACE = /^NOT TESTED IN A MOUNT NAMESPACE/;
const CORPORA = /BZCTRL_CORPORA/;
const SANITIZER = /^NOT TESTED: a build with sanitizers/;

const rows = [
  /* Data of others, which lies beside the project. */
  ['tests/api/json_suite', BOTH, CORPORA],
  ['tests/http/corpora', SQLITE, CORPORA],
  ['unit/api_task', SQLITE, 'naughty_strings_come_back_as_they_were',
    'there is no naughty-strings.json; set BZCTRL_CORPORA'],
  ['unit/json_read', SQLITE, 'the_json_test_suite_agrees',
    'there is no JSONTestSuite; set BZCTRL_CORPORA'],

  /* Rights that a container may lack. */
  ...['api/app', 'api/backup', 'api/doctor', 'api/leaving', 'api/token', 'check/unit', 'client/faults', 'fault/stop',
    'fault/syscalls'].map((file) => [`tests/${file}`, BOTH, STRACE]),
  ...['api/doctor', 'api/settings', 'check/proxy', 'client/library',
    'fault/backup_namespace'].map((file) => [`tests/${file}`, BOTH, NAMESPACE]),
  ['tests/fault/disk_full', SQLITE,
    /^NOT TESTED ON A FULL FILE SYSTEM: mount: .*(permission denied|must be superuser)/],
  ['tests/fault/disk_full', SQLITE, /^NOT TESTED WITH A FILE SIZE LIMIT: prlimit: .*not permitted/],
  ['tests/http/connections', SQLITE, /^NOT TESTED: only \d+ files may be open/],
  ['tests/api/commands', BOTH, /^NOT TESTED: only root can become somebody else/],
  ['tests/check/unit', SQLITE, /^NOT TESTED: only root can become somebody else/],
  ['tests/api/commands', BOTH, /^NOT TESTED: this machine has no IPv6/],
  ['tests/api/mail_postfix', BOTH, /^NOT TESTED: postfix (starts only as root|is not installed)/],

  /* Large, and not everywhere. */
  ['tests/api/export', BOTH, /^NOT TESTED: LibreOffice is not installed/],

  /* Builds and runs that are for something else. */
  ['tests/fault/stop', BOTH, /^only in make soak/],
  ['tests/client/library', SQLITE, SANITIZER],
  ['tests/api/evidence', BOTH, SANITIZER],
  ['tests/fault/valgrind', SQLITE, SANITIZER],

  /* What only one engine has. */
  ['tests/api/commands', PG, /^only on SQLite/],
  ['tests/api/search', PG, /^it is in the database/],
  ['tests/api/search', SQLITE, /^it is a file of its own/],
  ['tests/api/sso', PG, /^its trigger is SQLite's/],
  ['tests/api/backup', SQLITE, /^only on PostgreSQL/],
  ...[
    ['batch', 'a_full_disk_refuses_the_batch_and_the_next_one_with_space_succeeds'],
    ['batch', 'a_change_apart_that_fills_the_disk_fails_alone'],
    ['batch', 'a_failed_sync_ends_all_changes_and_is_never_tried_again'],
    ['idempotency', 'keys_are_found_over_closed_generations_and_restarts'],
    ['idempotency', 'answers_copied_from_an_engine_without_generations_are_found'],
    ['idempotency', 'keys_of_a_batch_that_was_rolled_back_are_free_again'],
    ['idempotency', 'keys_are_kept_for_thirty_days_and_then_dropped'],
    ['login', 'a_reset_that_another_node_came_before_changes_nothing'],
  ].map(([file, name]) => [`store/store_${file}`, PG, name, 'only on SQLite']),
  ...[
    ['batch', 'a_change_that_comes_while_the_domain_is_locked_joins_the_batch'],
    ['batch', 'a_directory_change_that_another_node_came_before_runs_again'],
    ['copy', 'a_database_that_a_node_works_on_is_left_alone'],
    ['copy', 'a_copy_that_another_has_finished_is_not_written_to'],
    ['idempotency', 'a_key_in_a_shared_database_is_kept_as_long'],
    ['nodes', 'bytes_that_another_node_keeps_are_not_dropped'],
    ['nodes', 'working_days_that_another_node_has_changed_are_not_overwritten'],
    ['nodes', 'a_preference_that_another_node_has_set_stays'],
    ['nodes', 'notification_settings_that_another_node_has_changed_are_not_overwritten'],
    ['nodes', 'a_view_that_another_node_has_changed_is_not_overwritten'],
    ['nodes', 'a_meeting_that_another_node_starts_is_not_archived'],
    ['nodes', 'an_erasure_locks_domains_in_the_order_of_all_nodes'],
    ['nodes', 'rules_that_another_node_adds_count'],
    ['notify', 'whom_another_node_has_just_made_is_notified'],
    ['notify', 'what_another_node_delivers_while_a_mail_ends_is_mailed_too'],
    ['webhook', 'who_waits_for_the_one_who_delivers_holds_nothing_of_it'],
    ['rivals', 'two_processes_that_number_records_of_one_workspace_leave_no_gap'],
  ].map(([file, name]) => [`store/store_${file}`, SQLITE, name, 'only on PostgreSQL']),
];

/** What each row is about, for the test of this list: [start of the test's name, name of the case of a C program]. */
export const listed = rows.map(([file, , what]) => [file, what instanceof RegExp ? undefined : what]);

/** The reason why this case may be skipped; undefined if it may not. */
export function allowedSkip(test, { name, reason }) {
  const engine = test.endsWith(PG) ? PG : SQLITE;
  const row = rows.find(([file, on, what]) =>
    test.startsWith(file) && (on === BOTH || on === engine) &&
      (what instanceof RegExp ? what.test(reason) : what === name));
  return row && (row[3] ?? reason);
}

/** What `runner explain <code>` prints: what it means, and what to do. */
export interface CodeText {
  means: string
  todo: string
}

/** Every stable code of the program, in one place. A test holds this table and the codes used in the source equal in both directions. */
export const codes = {
  // sign-in and requests (connection/)
  reconnect_needed: {
    means:
      'The token endpoint refused the refresh token, so the connection needs a person to sign in again. `rotation_lost` in the details: the runner was killed or cut off while it renewed the sign-in, and the authority takes each refresh token once only.',
    todo: 'Run `runner connect <recipe>`. Jobs that failed with this code are completed with `runner jobs rerun --failed --code reconnect_needed`.',
  },
  asked_to_wait: {
    means: 'The system asks to wait longer than a request should.',
    todo: 'Nothing at first: the work waits and goes on by itself. Run fewer recipes at once with this user.',
  },
  app_blocked: {
    means: "The environment's app access control refuses the app of this connection.",
    todo: 'Let an administrator allow its client id there, or use another `client_id`. Nobody needs to sign in again.',
  },
  authority_not_trusted: {
    means:
      'The organization names an authority that is neither a known one nor the one in the connection block. Credentials are not sent there.',
    todo: 'If the authority is right, set `authority` to it in the connection block; if not, check the address of the organization.',
  },
  challenge_missing: {
    means: 'The address does not say who signs in for it, as an organization does when it is asked without a token.',
    todo: 'Check `url` or `subdomain`, or set `authority` and `tenant` in the connection block.',
  },
  certificate_ends_soon: {
    means: 'The certificate that a connection signs in with ends soon, or has ended. Everything still runs as long as it holds.',
    todo: 'Add a new certificate to the app registration, then change `client_certificate_file` or `client_certificate`. Nobody needs to sign in again.',
  },
  client_secret_ends_soon: {
    means: 'The day on which the client secret ends, as `client_secret_expires` says, is near or has passed.',
    todo: 'Make a new secret in the app registration, then change `client_secret` and `client_secret_expires`. Nobody needs to sign in again.',
  },
  connection_changed: {
    means: 'The kept sign-in was made with another authority, tenant, client id, resource or host than the connection block now has.',
    todo: 'Sign in with `runner connect`, drop the old one with `runner connections forget`, or give the connection another `name`.',
  },
  connection_invalid: {
    means: 'The settings of a connection, once their expressions are replaced, are not what its connector takes.',
    todo: 'Correct the fields that the message names.',
  },
  certificate_invalid: {
    means: 'The certificate of a connection cannot be read, or its private key does not belong to it.',
    todo: 'Name a PEM or PFX file that holds the certificate and its RSA private key in `client_certificate_file`, with its password in `client_certificate_password`.',
  },
  credentials_refused: {
    means: 'The authority refuses the app registration or its credentials: a wrong or ended client secret, client id, tenant or scope.',
    todo: 'Correct what the message names. A changed secret is tried at once; where something was mended elsewhere, run `runner connections test`. Nobody needs to sign in again.',
  },
  federated_token_unusable: {
    means: 'A workload identity has no token of its issuer: its file is missing, empty, ended or no token, or GitHub Actions gave none.',
    todo: 'Check `federated_token_file` or AZURE_FEDERATED_TOKEN_FILE; a GitHub Actions job needs the permission `id-token: write`.',
  },
  insecure_address: {
    means: 'A plain http address would carry tokens without encryption.',
    todo: 'Use https. Plain http is allowed only to this machine.',
  },
  managed_identity_missing: {
    means: 'Nothing on this host answers as the service of managed identities.',
    todo: 'Run it on an Azure host that has an identity, or choose another `auth`.',
  },
  no_answer: {
    means: 'The system could not be reached, or did not answer in time.',
    todo: 'It is tried again. If it stays, check the address, the network and the state of the system.',
  },
  port_taken: {
    means: 'The port of `redirect_uri` on this machine is in use, or this user may not listen on it.',
    todo: 'End what uses the port, or set another `redirect_uri`; on AD FS it must be registered.',
  },
  redirect_invalid: {
    means: '`redirect_uri` is no address on this machine.',
    todo: 'Use http://localhost with a port and a path, as registered with the app.',
  },
  secret_missing: {
    means: 'A connection block names a secret or an environment variable that has no value.',
    todo: 'Put it into one of the places that the message lists, such as the environment or the .env file in the root.',
  },
  secret_source_failed: {
    means: 'A place of secrets, as `runner.yaml` lists them, cannot be read, or the program that is asked for one failed.',
    todo: 'Follow the message: let the user who runs this read the file, or run the program by hand to see why it fails.',
  },
  server_failed: {
    means: 'The system answered with a fault of its own (5xx).',
    todo: 'It is tried again where that is safe. Its own words are in the details of the error.',
  },
  sign_in_ends_soon: {
    means:
      'The sign-in of a person ends soon, or the access token without a refresh token does. Everything still runs as long as it holds.',
    todo: 'Do what the message says: where use prolongs it, run the recipe or `runner connections keepalive`; where not, sign in anew with `runner connect` before then.',
  },
  sign_in_needed: {
    means: 'Nobody has signed in to the connection yet, or the sign-in brought no refresh token and has ended.',
    todo: 'Run `runner connect <recipe>`.',
  },
  sign_in_not_needed: {
    means: 'The connection uses credentials of its own, so there is nobody to sign in.',
    todo: 'Leave `runner connect` out, or set `auth: authorization_code`.',
  },
  sign_in_refused: {
    means: 'The authority refused the sign-in of a person, or what was brought back is not its answer.',
    todo: 'Do what its words say, then run `runner connect` again.',
  },
  sign_in_unsupported: {
    means:
      'The organization wants a sign-in by Windows (NTLM, Kerberos) or by forms (WS-Federation), and offers no OAuth. The runner does not guess at these.',
    todo: 'Enable OAuth on the server (claims-based authentication, Internet-facing deployment, `OAuthClaimsSettings`) and register the runner with AD FS.',
  },
  sign_in_timeout: {
    means: 'Nobody finished the sign-in in time: within 10 minutes with a browser, or before the code for another device ended.',
    todo: 'Run `runner connect` again.',
  },
  token_answer_unusable: {
    means: 'The token endpoint answered with success, but its answer cannot be used.',
    todo: 'Check `authority`, proxies between here and it, and the clock of this machine.',
  },
  token_endpoint_unavailable: {
    means: 'The token endpoint did not answer, is throttled or has a fault. The sign-in itself is not in doubt.',
    todo: 'Nothing at first: it is tried again, and `runner connections` shows since when. If it stays, check the network, proxies and `authority`.',
  },
  token_refused: {
    means: 'The system refused an access token that had just been issued.',
    todo: 'Check `resource`, and that the user or the app exists in the organization and has a role. Every run tries again.',
  },
  user_not_in_organization: {
    means:
      'The sign-in is good, but whoever signed in is no member of the organization: a person without a user there, or an app without an application user.',
    todo: 'Add the user or the application user, with a security role. Nobody needs to sign in again; every run tries again.',
  },

  // dynamics365
  access_token_refused: {
    means:
      'The organization refused an access token that the authority had just issued: the user is disabled, unknown there, or without a licence or role.',
    todo: 'Run `runner connections test`, and look at the user in the organization. An app needs an application user with a security role.',
  },
  change_tracking_off: {
    means: 'The table does not track its changes, so there are no delta links to follow.',
    todo: "Enable change tracking in the table's settings, or set `method: modified_on` in the trigger.",
  },
  conflict: {
    means:
      'The row is not in the state that the write needs: it has another version, or a condition of the request does not hold (412, 409).',
    todo: 'Read the row again and decide anew.',
  },
  cursor_of_other_organization: {
    means: 'The recipe polled another organization before; its cursor means nothing in this one.',
    todo: 'Point the connection back, give the recipe another `id`, or begin anew with `runner cursor reset`.',
  },
  delta_token_expired: {
    means: 'The server no longer keeps the changes since the last poll (7 days by default).',
    todo: 'Nothing: the trigger reads all rows and compares them with its snapshot. Poll more often to avoid that.',
  },
  duplicate_detected: {
    means: 'A duplicate-detection rule of the organization matches the row.',
    todo: 'Look at the rows that the rule names, or set `suppress_duplicate_detection: true` in the connection.',
  },
  duplicate_record: {
    means: 'Another row has the same id or the same values of an alternate key.',
    todo: 'Use `upsert_record`, or correct the key values.',
  },
  foreign_link: {
    means: 'The server named a further page on another host. The access token is not sent there.',
    todo: 'Set `subdomain` or `url` to the host that the organization itself names in its answers.',
  },
  invalid_address: {
    means: 'The address of the organization cannot be used.',
    todo: 'Write `subdomain` or `url` as the field describes. Plain http is allowed only to this machine.',
  },
  invalid_id: {
    means: 'A text that should be the id of a row is no GUID.',
    todo: 'Give the id of the row, or name it by `key`.',
  },
  invalid_lookup: {
    means: 'A lookup cannot point at the table that is given, or may point at several and none is given.',
    todo: 'Give `table` as one of those that the message lists.',
  },
  invalid_query: {
    means: 'The server does not take the filter, the columns, the order or the path.',
    todo: 'Correct what its message names.',
  },
  invalid_trigger: {
    means: 'Fields of the trigger exclude each other.',
    todo: 'Change the fields as the message says.',
  },
  invalid_value: {
    means: 'A value does not fit its column.',
    todo: 'Correct the value; `runner describe` shows what the column takes.',
  },
  key_incomplete: {
    means: 'A column of the key has no value, so it names no row.',
    todo: 'Guard the step with `if`, or correct the expression.',
  },
  missing_privilege: {
    means: 'The user of the connection lacks a privilege.',
    todo: 'Give the user a security role with the privilege that the message names. Change tracking needs read access to the whole table.',
  },
  not_allowed: {
    means: 'The row or table does not allow this operation; other rows may depend on it.',
    todo: 'Change what the message names.',
  },
  not_implemented: {
    means: 'The server does not know this request.',
    todo: 'Check `api_version`; an older server may lack the function.',
  },
  page_link_expired: {
    means: 'The server no longer knows the next page of a list.',
    todo: 'Nothing in a trigger, which reads from the first page again; else run the job again.',
  },
  plugin_refused: {
    means: 'A plug-in or workflow of the organization refused the write.',
    todo: 'Its message says why; ask who maintains it.',
  },
  read_only_column: {
    means: 'A column cannot be written, or not in this kind of write.',
    todo: 'Remove it from `values`.',
  },
  record_not_found: {
    means: 'There is no row with this id or key, or the user may not see it.',
    todo: 'Check the id or key. In `get_record`, `if_missing: null` makes it a result.',
  },
  refused: {
    means: 'The server refused the request for a reason that the runner does not know by name.',
    todo: 'Correct what its message names.',
  },
  row_not_named: {
    means: 'Neither an id nor a key says which row is meant.',
    todo: 'Give `id`, or `key` with the columns of a key.',
  },
  rows_failed: {
    means: 'Some rows of a bulk write were not written; the others were.',
    todo: 'The job lists the rows with their reasons. Correct them and rerun the job, or set `accept_failed_rows: true`.',
  },
  sandbox_data_invalid: {
    means: 'A file of rows for the sandbox cannot be read, or a row in it is not one that its table takes.',
    todo: 'Correct the row at the place that the message names. Nothing of the files was kept.',
  },
  sandbox_file_unusable: {
    means: 'The file in which the sandbox keeps its rows cannot be opened, is no such file, is in use, or was written for other tables.',
    todo: 'Name another file, stop the other sandbox, or delete the file, where it is of a sandbox, to begin anew.',
  },
  sandbox_metadata_invalid: {
    means:
      'A file of tables for the sandbox cannot be read, is neither `$metadata` nor table definitions, or tells of tables that cannot be.',
    todo: 'Save `$metadata` as XML, or `EntityDefinitions` with `$expand=Attributes` as JSON, and name that file.',
  },
  sandbox_option_invalid: {
    means: 'The sandbox does not take an option, or not with this value.',
    todo: 'Correct the option that the message names.',
  },
  sandbox_port_unusable: {
    means: 'The sandbox cannot listen on the port: it is taken, or reserved by the system.',
    todo: 'Choose another port, or leave it out for any free one.',
  },
  sandbox_scenario_invalid: {
    means: 'The scenario file of the sandbox cannot be read, or says something that the sandbox does not take.',
    todo: 'Correct the places that the message names.',
  },
  server_busy: {
    means: 'The database of the organization gave up: a lock, a deadlock or a timeout.',
    todo: 'Lower `limits.at_once`, and avoid writing one row from several places at once.',
  },
  server_fault: {
    means: 'The server failed without a reason that the runner knows.',
    todo: 'Try again later. The service request id in the details helps Microsoft support.',
  },
  throttled: {
    means: 'The service-protection limits of the organization are reached.',
    todo: 'Nothing at first: the runner waits as asked. Lower `limits.at_once`, or run fewer recipes with this user at once.',
  },
  too_large: {
    means: 'The request is larger than the server takes.',
    todo: 'Write less at once.',
  },
  unknown_choice: {
    means: 'A choice column has no choice, or several, with the label that is given.',
    todo: 'Use one of the labels that the message lists, or its number. A number is always a value, a text always a label.',
  },
  unknown_column: {
    means: 'The table has no column of this name.',
    todo: "Correct the column's logical name; `runner describe` lists them.",
  },
  unknown_key: {
    means: 'The columns are no alternate key of the table.',
    todo: 'Use the columns of a key that the message lists, or define the key in the organization.',
  },
  unknown_table: {
    means: 'The organization has no table of this name.',
    todo: 'Tables go by logical name (`account`, not `accounts`).',
  },
  unreadable_answer: {
    means: 'An answer of the server is cut or is not what was asked for; often a proxy has put a page of its own in its place.',
    todo: 'It is tried again. If it stays, look at proxies between here and the organization.',
  },

  // files
  path_outside_folder: {
    means:
      'A path leads out of the folder of its `files` connection, by `..`, as an absolute path or through a link, or is that folder itself.',
    todo: "Name a file below the connection's `folder`, or set `folder` to one that holds the file.",
  },
  file_not_found: {
    means: 'The file that a trigger reads is not there.',
    todo: "Check `path` and the connection's `folder`. Where the file comes and goes, set `if_missing: wait`.",
  },
  file_not_usable: {
    means: 'The path is a folder or a device, or the system does not let this user read or write it.',
    todo: "Name a file, and give the runner's user the right to read and write it.",
  },
  file_system_failed: {
    means: 'The file system failed: disk full, too many open files, or a fault of the device.',
    todo: 'Free space or mend the disk. The step was tried again first; complete the job with `runner jobs rerun`.',
  },
  format_unknown: {
    means: "The ending of the file's name does not tell whether it is CSV or JSON Lines.",
    todo: 'Set `format: csv` or `format: jsonl`.',
  },
  columns_missing: {
    means: 'Nothing names the columns of a CSV file: it has no header line, or its first row has no values.',
    todo: 'List the names in `columns`.',
  },
  columns_differ: {
    means: 'Rows are to be appended to a CSV file that has other columns.',
    todo: 'Write the columns that the file has, or append to another file.',
  },
  header_unusable: {
    means: 'The header line of a CSV file is broken, has an empty or repeated name, or lacks a column that `columns` asks for.',
    todo: 'Mend the line, correct `delimiter`, or set `header: false` and name the cells in `columns`.',
  },
  row_unreadable: {
    means:
      'A line of the file is no row: broken JSON, a wrong number of cells, a misplaced quote, or not UTF-8. The rows before it were taken.',
    todo: 'Mend the line that the message names. The next poll goes on with it.',
  },
  row_too_large: {
    means: 'A row is longer than 8 MB; usually a quote is opened and never closed.',
    todo: 'Look at the line that the message names.',
  },
  file_busy: {
    means: 'Another process is appending to the same file.',
    todo: 'Let each recipe append to a file of its own. If that process is gone or is no runner, delete the `.appending` file beside the file.',
  },
  append_unclear: {
    means: 'An attempt that was cut short may have appended its rows, and the file has been changed by something else since.',
    todo: 'Look whether the rows are in the file, then rerun or cancel the job.',
  },

  // engine
  expression_failed: {
    means: 'An expression could not be computed from the data of this job.',
    todo: 'Look at the input with `runner jobs show <id>`; read fields that may be missing as optional: `trigger.?field`.',
  },
  expression_null: {
    means: 'An expression met null where it needs a value. Every column of a table may be null.',
    todo: 'Test the field with `!= null` first, or give a default.',
  },
  event_filtered: {
    means: 'The event given with `--trigger-data` is refused by the `if` of the trigger.',
    todo: 'Change the event or the condition.',
  },
  invalid_input: {
    means: 'The values computed for an action do not fit its input.',
    todo: 'Look at the input with `runner jobs show <id>`, then correct the expression or guard the step.',
  },
  job_timeout: {
    means: 'The job ran longer than its `timeout`.',
    todo: 'Raise it, or split the work into smaller jobs.',
  },
  not_a_list: {
    means: '`for_each` got something that is no list.',
    todo: 'Name a list, such as the `records` of a search.',
  },
  outcome_unknown: {
    means: 'A write was sent, no answer came, and the operation must not be sent twice.',
    todo: 'Look in the other system whether it happened, then rerun or cancel the job.',
  },
  step_timeout: {
    means: 'A step took longer than its `timeout`, all tries together.',
    todo: 'Raise it, or make the step smaller.',
  },
  bug: {
    means: 'Something was thrown that no part of the runner expects. The stack is kept with the run or the job.',
    todo: 'Look at `runner jobs show <id>` and report the stack.',
  },

  // store
  store_newer: {
    means: 'The store was written by a newer runner than this one.',
    todo: 'Update the runner, or name another store with RUNNER_STORE.',
  },
  store_key_wrong: {
    means: 'The store does not open with the key that was given, or what was given is no key.',
    todo: 'Give the key that the store was made with: RUNNER_KEY (base64 of 32 bytes), the key file in the configuration folder, or the system keyring.',
  },
  store_key_exposed: {
    means: 'Others than its owner can read or replace the file of the store key.',
    todo: 'Run the `chmod` that the message names. Where somebody may have read the key, then run `runner key rotate`, renew the secrets and sign in again.',
  },
  store_damaged: {
    means: 'The file of the store is damaged or is no store, or a value in it was changed.',
    todo: 'Restore it from a backup, or move it away together with its -wal and -shm files to begin anew.',
  },
  store_unusable: {
    means: 'The store, or the file of its key, cannot be read, written or locked.',
    todo: 'Check path, permissions and free space, or name another place with RUNNER_STORE.',
  },

  // problems of a recipe (recipe/, expression/)
  connection_ambiguous: {
    means: 'An operation could use several connections.',
    todo: 'Say which with `connection`.',
  },
  connection_missing: {
    means: 'An operation needs a connection that the recipe does not have.',
    todo: 'Add a `connection` block.',
  },
  connection_unknown: {
    means: 'A step names a connection that is not there, or one of another connector.',
    todo: 'Correct the name.',
  },
  connection_unused: {
    means: 'No step and no trigger uses the connection.',
    todo: 'Remove it.',
  },
  duplicate_id: {
    means: 'Two steps have one id.',
    todo: 'Give each its own.',
  },
  every_and_schedule: {
    means: '`every` and `schedule` say the same thing.',
    todo: 'Keep one of them.',
  },
  expression_arguments: {
    means: 'A function is called with arguments that it does not take.',
    todo: 'See the expressions page for its signature.',
  },
  expression_in_key: {
    means: 'An expression stands in a key of a map.',
    todo: 'Write the keys out, or make the whole map with one expression.',
  },
  expression_maybe_absent: {
    means: 'A value is set only on some paths through the recipe.',
    todo: 'Read it as optional: `steps.?id`.',
  },
  expression_nesting: {
    means: 'Loops stand inside each other too deep.',
    todo: 'Split the work into steps.',
  },
  expression_not_boolean: {
    means: 'A condition is neither true nor false.',
    todo: 'Compare the value with something.',
  },
  expression_not_list: {
    means: 'A list is needed.',
    todo: 'Name a list, such as `batch.records`.',
  },
  expression_row_name: {
    means: 'The name given to a row is no name that an expression could use.',
    todo: 'Use small letters, digits and `_`, such as `row`.',
  },
  expression_syntax: {
    means: 'The text between `${{` and `}}` is no CEL expression.',
    todo: 'See the expressions page for what may stand there.',
  },
  expression_type: {
    means: 'An operator does not work on these types.',
    todo: 'Make both sides of one type.',
  },
  expression_unknown_field: {
    means: 'Something is read that is certainly not there.',
    todo: 'Correct the name.',
  },
  expression_unknown_function: {
    means: 'There is no such function.',
    todo: 'Correct the name; the expressions page lists them.',
  },
  expression_unknown_name: {
    means: 'There is no such name here: what may be named depends on the place.',
    todo: 'Correct the name.',
  },
  expression_unknown_value: {
    means: 'A value is compared with a literal that it never is.',
    todo: 'Correct the literal; the message lists the values there are.',
  },
  expression_unterminated: {
    means: 'An expression has no end.',
    todo: 'Close its texts and braces, and write `}}` behind it.',
  },
  file_missing: {
    means: 'A file that is named is not there.',
    todo: 'Correct the path.',
  },
  file_too_large: {
    means: 'The file is larger than a recipe may be.',
    todo: 'Keep data in files of its own.',
  },
  file_unreadable: {
    means: 'A file is there, but cannot be read.',
    todo: 'Check its permissions, and that it is a file.',
  },
  filter_joined_expression: {
    means: 'An expression in a filter touches the text beside it, so that both would run into one value.',
    todo: 'Put a space between, or join texts inside the expression.',
  },
  filter_quoted_expression: {
    means: 'An expression in a filter stands inside quotes, but becomes a whole literal by itself.',
    todo: 'Leave the quotes out.',
  },
  filter_whole_expression: {
    means: 'A filter would come whole from a value, which could then change what is asked.',
    todo: 'Write the condition in the recipe, with expressions for its values.',
  },
  missing_key: {
    means: 'A required key is missing.',
    todo: 'Add it.',
  },
  name_reserved: {
    means: 'A name is a word of the expression language.',
    todo: 'Choose another one.',
  },
  name_taken: {
    means: 'The name of a loop value is taken.',
    todo: 'Choose another one.',
  },
  not_one_expression: {
    means: 'A field takes exactly one expression and nothing around it.',
    todo: 'Put everything between one `${{` and `}}`.',
  },
  not_supported_yet: {
    means: 'A word of the language that this version does not run.',
    todo: 'Write it with `action`, `if` and `for_each`.',
  },
  place_unknown: {
    means: '`runner.yaml` names a place of secrets, or of the key of the store, that the runner does not know.',
    todo: 'Write one of the places that the message lists. A secret itself never stands in the file.',
  },
  schedule_invalid: {
    means: 'The text is no cron expression of five or six fields.',
    todo: 'Correct it.',
  },
  secret_literal: {
    means: 'A credential stands in the file itself, where git would keep it for ever.',
    todo: 'Write `${{ secrets.NAME }}`, set NAME in the environment or in `.env`, and renew the credential.',
  },
  settings_conflict: {
    means: 'Settings of a connection contradict each other.',
    todo: 'Do as the message says.',
  },
  step_unknown: {
    means: 'A step has none of the keys that say what it does.',
    todo: 'Use `action`, `if` with `then`, or `for_each`.',
  },
  timezone_unknown: {
    means: 'There is no such time zone.',
    todo: 'Use an IANA name such as Europe/Berlin.',
  },
  timezone_without_schedule: {
    means: 'A time zone without a schedule has no effect.',
    todo: 'Add `schedule`, or remove it.',
  },
  unexpected_key: {
    means: 'A key that is not known at this place.',
    todo: 'Correct it; the message names those that are.',
  },
  unknown_action: {
    means: 'There is no such action.',
    todo: 'Correct the name.',
  },
  unknown_connector: {
    means: 'There is no such connector.',
    todo: 'Correct the name.',
  },
  unknown_trigger: {
    means: 'There is no such trigger.',
    todo: 'Correct the name.',
  },
  whole_division: {
    means: 'Whole numbers are divided and the fraction is dropped.',
    todo: 'Write one of them with a point: `1.0/2`.',
  },
  wrong_type: {
    means: 'A value is of the wrong type.',
    todo: 'Do as the message says.',
  },
  wrong_value: {
    means: 'A value is not one of those that may stand here.',
    todo: 'Do as the message says.',
  },
  yaml_comment_in_text: {
    means: 'YAML takes part of an expression for a comment.',
    todo: 'Put the value in quotes.',
  },
  yaml_cyclic_alias: {
    means: 'An alias stands inside its own anchor.',
    todo: 'Write the value out.',
  },
  yaml_duplicate_key: {
    means: 'A key is there twice.',
    todo: 'Keep one of them.',
  },
  yaml_lossy_number: {
    means: 'YAML would change the number on reading.',
    todo: 'Put it in quotes.',
  },
  yaml_merge_key: {
    means: 'Merge keys are not part of YAML 1.2.',
    todo: 'Write the keys out.',
  },
  yaml_syntax: {
    means: 'The file is no YAML.',
    todo: 'Correct it where the message points.',
  },
  yaml_too_deep: {
    means: 'Values are nested too deep.',
    todo: 'Flatten them.',
  },
  yaml_too_many_aliases: {
    means: 'The file has too many aliases.',
    todo: 'Write the values out.',
  },
  yaml_unquoted_expression: {
    means: 'YAML reads part of an unquoted expression as its own syntax.',
    todo: 'Put the whole value in quotes.',
  },
} satisfies Record<string, CodeText>

export type Code = keyof typeof codes

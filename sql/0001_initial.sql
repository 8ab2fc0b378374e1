-- The whole first schema. Forward-only; oldest release tolerated while this runs: none (first).

create table installation (
    -- One row: which cluster this database lives in, so that a restored or copied one is noticed before it speaks.
    only_row boolean primary key default true check (only_row),
    system_identifier text not null,
    confirmed_at timestamptz not null default now()
);

create table secret_keys (
    -- Fingerprint of every key ever used for opt-out marks: a start that lacks one would forget opt-outs, so it refuses.
    key_id text primary key,
    created_at timestamptz not null default now()
);

create table accounts (
    id bigint primary key,                              -- Telegram user id
    username text,
    name text not null default '',
    phone text not null default '',
    state text not null default 'ready' check (state in ('ready', 'logged_out', 'banned', 'frozen', 'key_lost')),
    openings_blocked boolean not null default false,    -- peer flood: no new conversations until resumed
    flood_until timestamptz,
    -- who owns it: every decision is fenced by (epoch, owner)
    epoch bigint not null default 0,
    owner uuid,
    owner_host text,                                    -- boot id of the machine
    owner_process text,                                 -- pid and start time, so that a dead owner is known as dead
    released boolean not null default true,             -- the last owner let go in order
    -- session
    dc_id int not null,
    server_address text not null,
    server_port int not null,
    auth_key bytea not null,                            -- encrypted
    -- update state: never ahead of the messages stored
    pts int, qts int, state_date timestamptz, seq int,
    created_at timestamptz not null default now()
);

create table account_peers (
    account_id bigint not null references accounts on delete cascade,
    user_id bigint not null,
    access_hash bigint not null,
    primary key (account_id, user_id)
);

create table contacts (
    id bigint primary key,                              -- Telegram user id: names come and go
    username text,
    name text not null default '',
    language text,
    timezone text,
    created_at timestamptz not null default now()
);
create index contacts_username on contacts (lower(username));

create table dialogs (
    id bigserial primary key,
    account_id bigint not null references accounts,
    contact_id bigint references contacts,              -- null while resolving
    target_username text not null,                      -- as typed
    scenario text not null,
    basis text not null default '',                     -- lawful basis of the first contact, in the operator's words
    status text not null check (status in ('resolving', 'active', 'taken', 'handoff', 'stopped', 'closed', 'failed')),
    stage text not null default '',
    outcome text not null default 'none' check (outcome in ('none', 'won', 'lost', 'opted_out', 'blocked', 'unreachable',
        'already_active', 'no_such_person', 'not_a_person')),
    revision bigint not null default 1,                 -- counts whatever can make a reply wrong
    answered_revision bigint not null default 0,
    answered_before bigint not null default 0,          -- the same before the reply that is being said
    halts bigint not null default 0,                    -- counts stop, takeover, opt-out, change of mode
    dropped_drafts int not null default 0,
    failures int not null default 0,
    follow_ups int not null default 0,
    due_at timestamptz,
    due_since timestamptz,                              -- first message of the burst: the debounce is capped from here
    due_reason text not null default '',
    not_before timestamptz,
    follow_up_at timestamptz,
    after_parts text check (after_parts in ('handoff', 'close')),   -- what happens once the last part is sent
    after_outcome text,
    after_reason text,
    history_upto bigint,                                -- our record was compared with Telegram's up to this id
    compare boolean not null default true,              -- read the history before the next turn
    created_at timestamptz not null default now(),
    check (contact_id is not null or status in ('resolving', 'failed'))
);
create unique index dialogs_one_open_per_person on dialogs (contact_id)
    where status in ('resolving', 'active', 'taken', 'handoff');
create index dialogs_contact on dialogs (contact_id, id desc);
create index dialogs_due on dialogs (account_id, due_at) where due_at is not null;
create index dialogs_follow_up on dialogs (account_id, follow_up_at) where follow_up_at is not null and status = 'active';

create table model_calls (
    id bigserial primary key,
    dialog_id bigint not null references dialogs,
    revision bigint not null,                           -- what the dialog was when the model was asked
    halts bigint not null,
    purpose text not null,                              -- reply, opening, follow_up
    model_asked text not null,
    model_used text,
    state text not null default 'asked' check (state in ('asked', 'answered', 'failed', 'used', 'dropped')),
    error text not null default '',
    answer text,
    prompt_tokens int, completion_tokens int,
    budget numeric(12, 6) not null default 0,           -- reserved when asked
    cost numeric(12, 6),
    latency_ms int,
    asked_at timestamptz not null,
    settled_at timestamptz
);
create index model_calls_dialog on model_calls (dialog_id, id desc);

create table messages (
    id bigserial primary key,
    dialog_id bigint not null references dialogs,
    account_id bigint not null references accounts,
    direction text not null check (direction in ('in', 'out')),
    author text not null check (author in ('contact', 'model', 'human', 'unexplained')),
    content text not null,
    timestamp timestamptz not null,
    kind text not null default 'text',
    media text not null default '',
    telegram_message_id bigint,
    revision bigint not null default 0,
    reply_to bigint,
    quote text not null default '',
    group_id bigint,
    reaction text not null default '',
    edits jsonb not null default '[]',
    edited_at timestamptz,
    deleted_at timestamptz,
    read_at timestamptz,
    -- parts of a reply; null for what came from Telegram
    send_state text check (send_state in ('pending', 'sending', 'sent', 'cancelled', 'failed')),
    failure text not null default '',
    random_id bigint,
    anchor_id bigint,                                   -- newest id known in the dialog when it was claimed
    halts bigint not null default 0,
    stands boolean not null default false,
    purpose text check (purpose in ('reply', 'opening', 'follow_up')),
    first_part boolean not null default true,
    not_before timestamptz,
    not_after timestamptz,
    model_call_id bigint references model_calls,
    unique (account_id, telegram_message_id),
    unique (account_id, random_id)
);
create index messages_dialog on messages (dialog_id, id);
create index messages_dialog_telegram on messages (dialog_id, telegram_message_id);
create index messages_unsent on messages (account_id, id) where send_state in ('pending', 'sending');
create index messages_unread on messages (dialog_id) where direction = 'out' and read_at is null;
create index messages_unexplained on messages (dialog_id) where author = 'unexplained';
create unique index messages_one_sending_per_dialog on messages (dialog_id) where send_state = 'sending';

create table suppressions (
    -- Who may never be written to, as keyed hashes: it outlives the person's data and names nobody.
    mark bytea primary key,
    key_id text not null references secret_keys,
    created_at timestamptz not null default now()
);

create table events (
    id bigserial primary key,
    kind text not null,
    dialog_id bigint references dialogs,
    account_id bigint,
    actor text not null,                                -- admin:<id>, model, contact, human, system
    data jsonb not null default '{}',                   -- codes and ids, never people's words
    untold boolean not null default false,              -- the admins must hear of it: no notices were made yet
    created_at timestamptz not null default now()
);
create index events_dialog on events (dialog_id, id);
create index events_untold on events (id) where untold;

create table notices (
    -- One row per event and admin to be told; told at least once.
    event_id bigint not null references events on delete cascade,
    admin_id bigint not null,
    told_at timestamptz,
    primary key (event_id, admin_id)
);
create index notices_untold on notices (event_id) where told_at is null;

create table admin_updates (
    -- Which updates of the bot were acted upon, and what was answered: a redelivered one changes nothing.
    update_id bigint primary key,
    admin_id bigint not null,
    answer jsonb not null,
    created_at timestamptz not null default now()
);

-- The operator's desk: roles, a switch for everything, drafts that wait for a button, notes, campaigns.
-- Oldest release tolerated while this runs: 0002's.

create table admins (
    -- Whoever used the desk. Owners stand in ADMIN_TELEGRAM_ID; the others have their role from here.
    id bigint primary key,                              -- Telegram user id
    role text check (role in ('operator', 'viewer')),   -- null: none of their own
    name text not null default '',
    username text,                                      -- by which colleagues call them
    timezone text,
    quiet_from smallint check (quiet_from between 0 and 23),
    quiet_to smallint check (quiet_to between 0 and 23),
    added_by bigint,
    created_at timestamptz not null default now()
);

create table switches (
    -- One row: what holds for all dialogs. Every claim of a part locks it for share, so that whoever changes it knows
    -- that afterwards nothing is claimed under what it said before.
    only_row boolean primary key default true check (only_row),
    paused_at timestamptz,
    quiet_at timestamptz,                               -- since when, in a pause, nothing is in flight any more
    mode text not null default 'auto' check (mode in ('auto', 'draft', 'off'))
);
insert into switches default values;

create table campaigns (
    -- A list of people to be written to, as it was imported. 'checked' is the dry run.
    id bigserial primary key,
    name text not null,
    state text not null default 'checked' check (state in ('checked', 'running', 'paused', 'finished', 'dropped')),
    created_by bigint not null,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    decided_by bigint,                                  -- the admin who gave it its state
    decided_at timestamptz,
    last_dialog bigint not null default 0               -- the newest dialog it began: campaigns take turns by it
);
create index campaigns_undone on campaigns (state) where state in ('checked', 'running', 'paused');

create table campaign_people (
    id bigserial primary key,
    campaign_id bigint not null references campaigns on delete cascade,
    line int not null,                                  -- in the file
    username text not null,
    name text not null default '',
    language text not null default '',
    timezone text not null default '',
    basis text not null default '',
    note text not null default '',
    scenario text not null default '',
    state text not null default 'waiting' check (state in ('waiting', 'opened', 'skipped')),
    reason text not null default '',                    -- a code: why they were skipped
    dialog_id bigint references dialogs on delete set null
);
create index campaign_people_campaign on campaign_people (campaign_id, id);
create index campaign_people_waiting on campaign_people (campaign_id, id) where state = 'waiting';
create index campaign_people_username on campaign_people (lower(username)) where username <> '';
create index campaign_people_dialog on campaign_people (dialog_id) where dialog_id is not null;

alter table contacts add column called text not null default '';   -- what a list that was imported calls them

alter table dialogs
    add column mode text check (mode in ('auto', 'draft', 'off')),      -- null: as switches say
    add column preview boolean not null default false,  -- the first message waits for a button
    add column assignee bigint,                         -- the admin who looks after it
    add column taken_by bigint,                         -- the admin who speaks in it
    add column taken_until timestamptz,                 -- a takeover that was given an end
    add column seen_upto bigint not null default 0,     -- newest messages.id that an admin has looked at
    add column campaign_id bigint references campaigns,
    add column stages text[] not null default '{}';     -- every stage it was in, in the order of the first time
update dialogs set stages = array[stage] where stage <> '';
create index dialogs_created_at on dialogs (created_at);
create index dialogs_status on dialogs (status, id desc);
create index dialogs_outcome on dialogs (outcome, id desc);
create index dialogs_open on dialogs (id desc) where status in ('resolving', 'active', 'taken', 'handoff');
create index dialogs_over on dialogs (id desc)
    where status in ('closed', 'failed') and outcome not in ('won', 'lost', 'opted_out');
create index dialogs_off on dialogs (id desc) where mode = 'off';
create index dialogs_assignee on dialogs (assignee, id desc) where assignee is not null;

create table drafts (
    -- A reply that waits for a button. Its parts are messages, pending, that are not claimed before it is approved;
    -- whatever cancels them (a newer message, a stop) makes it stale.
    id bigserial primary key,
    dialog_id bigint not null references dialogs on delete cascade,
    state text not null default 'waiting' check (state in ('waiting', 'approved', 'skipped', 'stale', 'expired')),
    version int not null default 1,                     -- raised by every change that its card has to show
    open boolean not null default true,                 -- something may still become of it, or of what its cards show
    decided_by bigint,
    created_at timestamptz not null,
    decided_at timestamptz,
    expires_at timestamptz not null
);
create unique index drafts_one_waiting on drafts (dialog_id) where state = 'waiting';
create index drafts_open on drafts (id) where open;
create index drafts_dialog on drafts (dialog_id);

create table draft_cards (
    -- The one message of the bot in which an admin sees a draft through its life.
    draft_id bigint not null references drafts on delete cascade,
    admin_id bigint not null,
    message_id bigint not null,
    shown_version int not null,
    prompt_id bigint,                                   -- the message that asked this admin for a text of their own
    primary key (draft_id, admin_id)
);
create index draft_cards_admin on draft_cards (admin_id, message_id);

alter table messages
    add column draft_id bigint references drafts on delete set null,
    add column written_by bigint,                       -- the admin who wrote or edited it at the desk
    add column unsend_by bigint,                        -- the admin who takes it back
    add column unsend_at timestamptz;                   -- and since when that is wanted; deleted_at: it is done
create index messages_draft on messages (draft_id, id) where draft_id is not null;
drop index messages_dialog_telegram;
create index messages_dialog_telegram on messages (dialog_id, telegram_message_id)
    include (direction, timestamp);                     -- who said something when, without reading what
create index model_calls_spent on model_calls (dialog_id) include (cost) where cost is not null;
create index model_calls_unpriced on model_calls (dialog_id)
    where cost is null and settled_at is not null and model_used is not null;
create index messages_openings on messages (timestamp) include (dialog_id, telegram_message_id)
    where purpose = 'opening' and send_state = 'sent' and first_part;   -- which dialogs were begun when
create index messages_unsent_of_dialog on messages (dialog_id) where send_state in ('pending', 'sending');
create index messages_unsend on messages (account_id, id) where unsend_at is not null and deleted_at is null;
alter table messages drop constraint messages_purpose_check;
alter table messages add constraint messages_purpose_check
    check (purpose in ('reply', 'opening', 'follow_up', 'courtesy', 'farewell', 'desk'));

create index events_house on events (id desc) where dialog_id is null;  -- what happened to no dialog in particular

create table notes (
    -- What a colleague should know of a dialog; its #labels are found by /find.
    id bigserial primary key,
    dialog_id bigint not null references dialogs on delete cascade,
    admin_id bigint not null,
    content text not null,
    created_at timestamptz not null
);
create index notes_dialog on notes (dialog_id, id);

create table labels (
    dialog_id bigint not null references dialogs on delete cascade,
    label text not null,
    primary key (dialog_id, label)
);

create table dialog_words (
    -- What a dialog is found by: words of the person's name, their username (also as @username), #labels. Kept by
    -- triggers, so that a name is found as soon as it is known and forgotten as soon as it is erased.
    dialog_id bigint not null references dialogs on delete cascade,
    word text collate "C" not null,
    primary key (dialog_id, word)
);
create index dialog_words_word on dialog_words (word, (-dialog_id));

create function search_form(text) returns text language sql immutable parallel safe as $$
    -- As it is compared, whatever locale the database has: small letters without accents (ё is е), fancy ones as plain.
    select translate(lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g')),
        'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ', 'абвгдежзиклмнопрстуфхцчшщъыьэюя')
$$;

create function search_words(text) returns setof text language sql immutable parallel safe as $$
    -- The words of a name, without what stands around them: punctuation, pictures.
    select distinct word from regexp_split_to_table(search_form($1), '[^0-9a-z_\u00c0-\u1fff\u3040-\ud7ff]+') as word
    where word <> ''
$$;

create function keep_dialog_words(bigint) returns void language sql as $$
    with wanted as (
        select search_words(concat_ws(' ', c.name, c.called)) as word
        from dialogs d join contacts c on c.id = d.contact_id where d.id = $1
        union select mark || search_form(case when c.id is null then d.target_username else c.username end)
        from dialogs d left join contacts c on c.id = d.contact_id cross join (values (''), ('@')) as marks (mark)
        where d.id = $1 and case when c.id is null then d.target_username else c.username end <> ''
        union select mark || search_form(label)
        from labels cross join (values (''), ('#')) as marks (mark) where dialog_id = $1),
    gone as (delete from dialog_words where dialog_id = $1 and word not in (select word from wanted))
    insert into dialog_words (dialog_id, word) select $1, word from wanted on conflict do nothing
$$;

create function keep_words_of_dialog() returns trigger language plpgsql as $$
begin
    perform keep_dialog_words(new.id);
    return null;
end $$;

create function keep_words_of_contact() returns trigger language plpgsql as $$
begin
    perform keep_dialog_words(id) from dialogs where contact_id = new.id;
    return null;
end $$;

create function keep_words_of_label() returns trigger language plpgsql as $$
begin
    perform keep_dialog_words(id) from dialogs where id in (new.dialog_id, old.dialog_id);
    return null;
end $$;

create trigger dialogs_words after insert or update of contact_id, target_username on dialogs
    for each row execute function keep_words_of_dialog();
create trigger contacts_words after update of name, username, called on contacts
    for each row when ((old.name, old.username, old.called) is distinct from (new.name, new.username, new.called))
    execute function keep_words_of_contact();
create trigger labels_words after insert or delete on labels
    for each row execute function keep_words_of_label();

select keep_dialog_words(id) from dialogs;

-- What an admin wrote for somebody and has not confirmed yet goes with the other words of its dialog.
create index admin_updates_words on admin_updates ((answer #>> '{words,dialog}')) where answer ? 'words';

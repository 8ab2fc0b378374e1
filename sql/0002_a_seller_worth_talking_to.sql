-- What a scenario learns, promises and says while a human is awaited. Oldest release tolerated while this runs: 0001's.

alter table contacts
    add column phone text not null default '',          -- from their profile, if they show it: tells their timezone
    add column basis text not null default '',          -- lawful basis of writing to them, in the operator's words
    add column basis_at timestamptz;

alter table accounts
    add column first_opening_at timestamptz,            -- the warm-up is counted from here
    add column openings_told_on date;                   -- the day for which the operator knows that openings wait
update accounts set first_opening_at = (
    select min(timestamp) from messages
    where account_id = accounts.id and purpose = 'opening' and send_state = 'sent');

alter table dialogs
    add column status_since timestamptz not null default now(),
    add column reminders int not null default 0,        -- what was said about a status that lasts too long
    add column reminded_at timestamptz,                 -- and when the last of it was said
    add column opened_at timestamptz,                   -- when it took its place among the day's new conversations
    add column opening text not null default '',        -- the way in which the scenario began
    add column handoff_note text not null default '',   -- why a human is needed, in the model's words
    add column summary text not null default '',
    add column summary_upto bigint not null default 0,  -- newest messages.id that the summary holds
    add column erased_at timestamptz,                   -- the texts are gone (retention, or the person asked for it)
    drop constraint dialogs_check,
    add constraint dialogs_check check (
        contact_id is not null or status in ('resolving', 'failed') or erased_at is not null);
create index dialogs_status_since on dialogs (account_id, status_since) where status in ('handoff', 'taken');
create index dialogs_opened_at on dialogs (account_id, opened_at) where opened_at is not null;
create index dialogs_erasable on dialogs (status_since)
    where erased_at is null and status in ('stopped', 'closed', 'failed');

alter table messages add column erased boolean not null default false;  -- no history read brings its words back
alter table messages drop constraint messages_purpose_check;
alter table messages add constraint messages_purpose_check
    check (purpose in ('reply', 'opening', 'follow_up', 'courtesy', 'farewell'));

create table dialog_facts (
    -- What was learnt about the person, with the message that proves it.
    dialog_id bigint not null references dialogs on delete cascade,
    field text not null,
    value text not null,
    message_id bigint references messages on delete set null,
    learnt_at timestamptz not null,
    primary key (dialog_id, field)
);

create table tasks (
    -- What the model promised and a human has to keep.
    id bigserial primary key,
    dialog_id bigint not null references dialogs on delete cascade,
    what text not null,
    message_id bigint references messages on delete set null,   -- first part of the reply that promised it
    due_at timestamptz,
    done_at timestamptz,
    reminded_at timestamptz,
    created_at timestamptz not null
);
create index tasks_open on tasks (dialog_id) where done_at is null;
create index tasks_due on tasks (due_at) where done_at is null and reminded_at is null;

create index model_calls_asked_at on model_calls (asked_at);
create index model_calls_costs on model_calls (model_asked, id desc) where cost is not null;

create table budget_stops (
    -- Days on which the money for all dialogs together was spent.
    day date primary key,
    over_at timestamptz                                 -- replies go on: another day, or more money
);

-- What keeps an installation well for years.
-- Oldest release tolerated while this runs: 0003's.

-- As what each session shows itself among the account's devices, for life. The defaults are what every release before
-- this one told Telegram.
alter table accounts
    add column device_model text not null default 'Server',
    add column system_version text not null default '1.0',
    add column app_version text not null default '1.0',
    add column lang_code text not null default 'en',
    add column system_lang_code text not null default 'en';

-- A database that was restored from a backup, copied or failed over: nothing is sent before what was said since is read.
alter table installation
    add column database_oid bigint,                     -- of this database in its cluster; null: not looked at yet
    add column backed_up_at timestamptz,                -- restored from a backup of then; null: nobody knows of when
    add column restored_at timestamptz;
create table gaps (
    -- What was said between these times may be missing here, in both directions.
    id bigserial primary key,
    since timestamptz not null,
    until timestamptz not null,
    nobody_typed boolean not null default false         -- the operator's word: what went out then was the program's
);
alter table accounts
    add column gap_unread boolean not null default false,   -- its chats were not all read since: nobody sends anything
    add column begun_unseen int not null default 0,     -- conversations that were begun in a gap, no dialog is theirs
    add column begun_unseen_on date;                    -- and on which day
alter table dialogs add column gap_unread boolean not null default false;
create index dialogs_gap_unread on dialogs (account_id, id) where gap_unread;

create table bot_polls (
    -- How the asking for the bot's updates goes, about once a minute: whoever else asked would disturb it.
    bot_id bigint primary key,
    heard_at timestamptz,                               -- when Telegram last answered a poll
    conflict_at timestamptz                             -- when it last said that another program polls as well
);

-- Which dialogs hold something that nobody has looked at: kept by a trigger, one update for each statement that stores
-- messages, so that the desk finds them by an index. What was said before a dialog (revision 0) is none of its news.
alter table dialogs add column heard_upto bigint not null default 0;    -- newest messages.id that the person said
update dialogs d set heard_upto = newest.id
    from (select dialog_id, max(id) as id from messages
        where direction = 'in' and revision > 0 and not erased group by dialog_id) newest
    where d.id = newest.dialog_id;
create index dialogs_unread on dialogs (id desc) where heard_upto > seen_upto;
create function keep_heard_upto() returns trigger language plpgsql as $$
begin
    update dialogs d set heard_upto = newest.id
        from (select dialog_id, max(id) as id from fresh
            where direction = 'in' and revision > 0 group by dialog_id) newest
        where d.id = newest.dialog_id;
    return null;
end $$;
create trigger messages_heard after insert on messages
    referencing new table as fresh for each statement execute function keep_heard_upto();

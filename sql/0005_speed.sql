-- What keeps a turn cheap, however much was said before. Oldest release tolerated while this runs: 0004's. The indexes
-- of big tables come first and what stops a person's line from being stored comes last, so that the release which still
-- runs waits as short as can be.

-- What was asked of whole tables.
create index tasks_dialog on tasks (dialog_id);
create index admin_updates_language on admin_updates (admin_id, created_at desc) where answer ? 'lang';
create index events_closed on events (created_at) where kind = 'close';
create index dialogs_compared on dialogs (id)           -- those whose record is compared with Telegram's on a connect
    where contact_id is not null and (status in ('active', 'taken', 'handoff', 'stopped') or status = 'closed' and compare);
create index events_granted on events (dialog_id) where kind = 'budget_dialog';
drop index model_calls_costs;
create index model_calls_costs on model_calls (model_asked, (-id)) where cost is not null;

-- What the desk's loops ask though nothing happens: who has not heard of something, which promises are not kept.
drop index notices_untold;
create index notices_untold on notices (admin_id) where told_at is null;
create index admin_updates_promised on admin_updates (coalesce(answer ->> 'promise', answer ->> 'said'), created_at)
    where not answer ? 'done';

-- Money. A trigger writes the books with every call, whoever makes it, so that they always agree with model_calls and
-- nobody sums up a day's calls to learn whether there is room for one more.
create table day_books (
    day date primary key,                               -- UTC's, like every ceiling
    spent numeric(14, 6) not null default 0             -- what its calls cost, or reserve while that is not known
);
create table dialog_books (
    dialog_id bigint primary key references dialogs on delete cascade,
    spent numeric(14, 6) not null default 0
);
create function keep_books() returns trigger language plpgsql as $$
declare
    before numeric := -coalesce(old.cost, old.budget);
    after numeric := coalesce(new.cost, new.budget);
begin
    insert into dialog_books as book (dialog_id, spent)
        select coalesce(new.dialog_id, old.dialog_id), coalesce(before, 0) + coalesce(after, 0)
        where coalesce(before, 0) + coalesce(after, 0) <> 0
        on conflict (dialog_id) do update set spent = book.spent + excluded.spent;
    insert into day_books as book (day, spent)
        select (at at time zone 'UTC')::date, sum(spent)
        from (values (old.asked_at, before), (new.asked_at, after)) as changes (at, spent)
        where at is not null group by 1 having sum(spent) <> 0 order by 1
        on conflict (day) do update set spent = book.spent + excluded.spent;
    return null;
end $$;
create trigger model_calls_books after insert or delete or update of cost, budget, asked_at on model_calls
    for each row execute function keep_books();
insert into dialog_books select dialog_id, sum(coalesce(cost, budget)) from model_calls group by 1;
insert into day_books select (asked_at at time zone 'UTC')::date, sum(coalesce(cost, budget)) from model_calls group by 1;

create function dearest(model text) returns table (cost numeric) language sql stable as $$
    -- What a call may cost: as much as the dearest of the model's last twenty of which that is known. By -id, so that no
    -- other index has the order: for a model that is seldom asked nobody looks at all calls.
    select max(cost) from (
        select cost from model_calls where model_asked = $1 and cost is not null order by -id limit 20) lately
$$;

create function money_of(dialog bigint, model text, day date)
returns table (budget numeric, day_spent numeric, spent numeric, granted bigint) language sql stable as $$
    -- What the next call may cost, what day and dialog have cost, how often a human gave the dialog as much again.
    select (select cost from dearest($2)), (select spent from day_books where day = $3),
        (select spent from dialog_books where dialog_id = $1),
        (select count(*) from events where dialog_id = $1 and kind = 'budget_dialog')
$$;

create function call_left(dialog bigint, revision bigint)
returns table (paid_id bigint, paid_answer text, paid_purpose text, unsettled boolean) language sql stable as $$
    -- One row: an answer to exactly what stands now that was paid for and not used, and whether anything else of the
    -- dialog's last calls was left by a process that died. Summaries have a question of their own.
    with lately as (
        select * from model_calls c where c.dialog_id = $1 and c.purpose <> 'summary' order by id desc limit 20)
    select paid.id, paid.answer, paid.purpose, exists (
        select from lately l where l.state = 'asked' or l.state = 'answered' and l.revision <> $2)
    from (values (1)) as always (row)
    left join (select * from lately l where l.revision = $2 and l.state = 'answered' order by id desc limit 1) paid on true
$$;

create function part_stood(
    part bigint, of_dialog bigint, seen_id bigint, seen_at timestamptz, at timestamptz, silent text[], alone boolean)
returns table (settles boolean, watched boolean, more boolean) language plpgsql as $$
    -- A part stands in the chat; what its reply answers is answered, unless it is one of the silent purposes. No row: that
    -- was known. The first statement waits for whoever tells something of the dialog now, the others see what they told:
    -- that is why there are three. Where anything has waited for the part, "alone" changes nothing and says nothing, and
    -- it does not wait for the disk: after a crash of the server the part is looked for in the chat, as ever.
declare
    unexplained boolean;
    seen boolean;
    unhurried text := case when alone then set_config('synchronous_commit', 'off', true) end;
begin
    select d.status = 'stopped' or d.after_parts is not null into settles from dialogs d where d.id = of_dialog for update;
    select exists (select from messages where dialog_id = of_dialog and author = 'unexplained'),
        alone and exists (select from messages m join dialogs d using (account_id)
            where d.id = of_dialog and m.telegram_message_id = seen_id and m.id <> part) into unexplained, seen;
    settles := settles or unexplained;
    if alone and (settles or seen) then
        return;
    end if;
    return query with stood as (
        update messages m set send_state = 'sent', failure = '', timestamp = coalesce(seen_at, m.timestamp),
            telegram_message_id = coalesce(seen_id, m.telegram_message_id)
        where m.id = part and (m.send_state <> 'sent' or m.telegram_message_id is null and seen_id is not null)
        returning m.revision, m.purpose, m.draft_id is not null or m.unsend_at is not null as watched),
    answered as (
        update dialogs d set answered_before = d.answered_revision, answered_revision = stood.revision,
            dropped_drafts = 0, preview = false
        from stood where d.id = of_dialog and d.answered_revision < stood.revision and stood.purpose <> all(silent))
    select settles, stood.watched or s.paused_at is not null,
        d.due_at is not null or coalesce(d.follow_up_at <= at, false) or exists (
            select from messages m where m.dialog_id = d.id and m.send_state in ('pending', 'sending') and m.id <> part)
    from stood cross join switches s join dialogs d on d.id = of_dialog;
end $$;

create function errands_of(account bigint, until timestamptz, most bigint, person bigint, names text[])
returns table (dialog_id bigint, at timestamptz)
language plpgsql stable set plan_cache_mode = force_generic_plan set jit = off as $$
    -- What an account has to do until then, the longest waiting first (store/agenda.py); a person: in a trial, theirs
    -- alone. Planned once, and well for any size: each kind is read by the index of its timer and no further than it is
    -- due, and the dialog of a message by its number ("offset 0": no other join is thought of, whatever is guessed of
    -- values not known yet). What is held is left out before "most" is counted, so that it hides nothing.
declare
    speaks boolean;
    house text;
    flood timestamptz;
begin
    select s.paused_at is null, s.mode, a.flood_until into speaks, house, flood
    from switches s cross join accounts a where a.id = account;
    return query
    select t.id, min(ready.at) as first from (
        select d.id, status, contact_id, target_username, greatest(due_at, not_before) as timer from dialogs d
            where account_id = account and due_at between '-infinity' and until and (compare and contact_id is not null
                or speaks and (status = 'resolving' or status = 'active' and coalesce(mode, house) <> 'off'))
        union all select d.id, status, contact_id, target_username, greatest(follow_up_at, not_before) from dialogs d
            where account_id = account and follow_up_at between '-infinity' and until and status = 'active'
            and speaks and coalesce(mode, house) <> 'off'
        union all select d.id, status, contact_id, target_username, m.not_before
            from messages m cross join lateral (select * from dialogs where id = m.dialog_id offset 0) d
            where m.account_id = account and send_state in ('pending', 'sending') and m.not_before <= until
            and (send_state = 'sending' or speaks and (coalesce(mode, house) in ('off', case when not preview
                then 'auto' end) or not exists (select from drafts where id = m.draft_id and state = 'waiting')))
        union all select d.id, status, contact_id, target_username, greatest(unsend_at, d.not_before)
            from messages m cross join lateral (select * from dialogs where id = m.dialog_id offset 0) d
            where m.account_id = account and unsend_at is not null and deleted_at is null
            and send_state is distinct from 'sending'
    ) t cross join lateral (select greatest(t.timer, case when t.status <> 'resolving' then flood end) as at) ready
    where ready.at <= until and (person is null or t.contact_id = person
        or t.contact_id is null and lower(t.target_username) = any(names))
    group by t.id order by first limit most;
end $$;

-- What a dialog was last told (heard_upto) is written by whoever stores a person's line, with the rest of the dialog's
-- row; the trigger sees to the lines of those who do not, one by one: it changes nothing that is right.
drop trigger messages_heard on messages;
create or replace function keep_heard_upto() returns trigger language plpgsql as $$
begin
    update dialogs set heard_upto = new.id where id = new.dialog_id and heard_upto < new.id;
    return null;
end $$;
create trigger messages_heard after insert on messages
    for each row when (new.direction = 'in' and new.revision > 0) execute function keep_heard_upto();

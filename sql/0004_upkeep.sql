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

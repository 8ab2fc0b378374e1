"""The secret key: what it seals, whom it marks, and which files it is read from."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from salesbot import keys
from salesbot.errors import DataError, SettingsError
from salesbot.keys import KeyRing
from salesbot.settings import Settings

OLD, NEW = "o" * 40, "n" * 40


def settings(**fields: object) -> Settings:
    return Settings.model_construct(None, **fields)


def test_what_one_key_sealed_it_opens_and_no_two_seals_are_alike() -> None:
    ring = KeyRing(NEW)
    one, other = ring.encrypt(b"session"), ring.encrypt(b"session")
    assert ring.decrypt(one) == ring.decrypt(other) == b"session"
    assert one != other
    assert b"session" not in one


def test_an_older_key_after_the_current_one_still_opens_what_it_sealed() -> None:
    sealed = KeyRing(OLD).encrypt(b"session")
    assert KeyRing(f"{NEW}\n{OLD}\n").decrypt(sealed) == b"session"
    assert KeyRing(f"{NEW},{OLD}").decrypt(sealed) == b"session"


@pytest.mark.parametrize(
    "sealed",
    [KeyRing(OLD).encrypt(b"session"), b"", b"short", b"x" * 60],
    ids=["another key's", "empty", "short", "noise"],
)
def test_what_no_key_opens_is_said_in_words(sealed: bytes) -> None:
    with pytest.raises(DataError, match="another SECRET_KEY"):
        KeyRing(NEW).decrypt(sealed)


def test_a_person_has_one_mark_for_each_key_the_current_first() -> None:
    ring = KeyRing(f"{NEW},{OLD}")
    marks = ring.marks(700_000_001)
    assert tuple(key_id for key_id, _ in marks) == ring.key_ids
    assert marks[1] == KeyRing(OLD).marks(700_000_001)[0]
    assert len({mark for _, mark in marks + ring.marks(700_000_002)}) == 4


def test_a_username_has_marks_of_its_own_whatever_its_case() -> None:
    ring = KeyRing(f"{NEW},{OLD}")
    marks = ring.name_marks("Anna_P")
    assert marks == ring.name_marks("@anna_p")
    assert marks[1] == KeyRing(OLD).name_marks("anna_p")[0]
    assert not {*ring.name_marks("700000001")} & {*ring.marks(700_000_001)}


def test_fingerprints_and_repr_show_nothing_of_the_key() -> None:
    ring = KeyRing(NEW)
    assert ring.key_ids == KeyRing(NEW).key_ids
    assert ring.key_ids != KeyRing(OLD).key_ids
    assert NEW not in repr(ring) + repr(vars(ring))


@pytest.mark.parametrize("text", ["", " \n,", "short", f"{NEW},short"])
def test_no_key_or_a_short_one_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        KeyRing(text)


def test_the_first_login_makes_the_file_for_its_owner_alone_and_never_overwrites_it(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    made = keys.load_or_make(settings(secret_key_file=path))
    written = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.load_or_make(settings(secret_key_file=path)).key_ids == made.key_ids
    assert path.read_text() == written
    assert keys.load(settings(secret_key_file=path)).key_ids == made.key_ids


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text(NEW)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        keys.load(settings(secret_key_file=path))


def test_a_missing_file_is_named_together_with_the_way_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="login") as raised:
        keys.load(settings(secret_key_file=tmp_path / "absent"))
    assert str(tmp_path / "absent") in str(raised.value)


def test_a_place_where_no_file_can_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be made"):
        keys.load_or_make(settings(secret_key_file=tmp_path / "absent" / "secret.key"))


def test_the_key_in_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    ring = keys.load_or_make(settings(secret_key=SecretStr(NEW), secret_key_file=tmp_path / "secret.key"))
    assert ring.key_ids == KeyRing(NEW).key_ids
    assert not (tmp_path / "secret.key").exists()

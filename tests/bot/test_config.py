"""Settings: what is refused, and that everything wrong is told at once."""

from pathlib import Path

import pytest

from bot.config import PREFIX, SECRETS, BadSettings, Settings, masked, read_settings

TOKEN = "123456789:" + "AAHk3v5mY0aXq2WmV8bN1cD4eF6gH7iJ9kL"


def refused(**environ: str) -> dict[str, str]:
    """What is wrong with these settings, by name."""
    with pytest.raises(BadSettings) as bad:
        read_settings({PREFIX + name: value for name, value in environ.items()})
    return dict(bad.value.problems)


def test_without_an_environment_everything_has_a_default_that_works() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert settings.telegram_token.get_secret_value() == ""
    assert settings.database.endswith("/data/khaosat.sqlite")


def test_other_programmes_variables_do_not_matter() -> None:
    assert read_settings({"PATH": "/bin", "PORT": "1", "XKHAOSAT_PORT": "x"}).port == 8080


def test_a_misspelt_name_is_refused_with_the_nearest_one() -> None:
    assert refused(PROT="9000") == {"KHAOSAT_PROT": "no such setting; did you mean KHAOSAT_PORT?"}
    assert refused(TELEGRAM_TOKN="x")["KHAOSAT_TELEGRAM_TOKN"].endswith("KHAOSAT_TELEGRAM_TOKEN?")
    assert refused(XYZZY="1") == {"KHAOSAT_XYZZY": "no such setting"}


def test_everything_wrong_is_told_at_once() -> None:
    assert set(refused(PROT="9000", PORT="70000", UPLOAD_MAX_MB="none", LANGUAGE="fr")) == {
        "KHAOSAT_PROT",
        "KHAOSAT_PORT",
        "KHAOSAT_UPLOAD_MAX_MB",
        "KHAOSAT_LANGUAGE",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("UPLOAD_MAX_MB", "0"),
        ("UPLOAD_MAX_MB", "51"),
        ("STAFF_IDLE_MIN", "4"),
        ("STAFF_IDLE_MIN", "481"),
        ("FREE_MIN_MB", "-1"),
        ("NOTICES_PER_MIN", "21"),
        ("DIGEST_EVERY_MIN", "0"),
        ("TELEGRAM_STAFF_CHAT", "our group"),
        ("TELEGRAM_STAFF_TOPIC", "0"),
        ("TELEGRAM_MODE", "pull"),
        ("LOG_LEVEL", "LOUD"),
        ("PROGRAMME_NAME", ""),
        ("TRUST_PROXY", "perhaps"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(name: str, value: str) -> None:
    assert set(refused(**{name: value})) == {PREFIX + name}


def test_what_was_refused_is_not_repeated_so_that_no_secret_is() -> None:
    for told in (refused(SIGNING_KEY="short-secret"), refused(PORT="port-secret")):
        assert "secret" not in " ".join(told.values())


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n", encoding="utf-8")
    assert read_settings({"KHAOSAT_TELEGRAM_TOKEN_FILE": str(path)}).telegram_token.get_secret_value() == TOKEN


def test_a_secret_file_that_cannot_be_read_is_told_without_its_path(tmp_path: Path) -> None:
    told = refused(TELEGRAM_TOKEN_FILE=str(tmp_path / "missing"))
    assert told == {"KHAOSAT_TELEGRAM_TOKEN_FILE": "cannot be read: FileNotFoundError"}


def test_only_secrets_may_be_files() -> None:
    assert "KHAOSAT_PORT_FILE" in refused(PORT_FILE="x")


def test_the_suites_own_variables_are_no_settings() -> None:
    assert read_settings({"KHAOSAT_REQUIRE_POSTGRES": "1"}) == read_settings({})


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_is_never_shown(name: str) -> None:
    canary = "canary-0123456789abcdef-0123456789abcdef"
    secret = {"database_url": "postgresql://", "telegram_token": "42:"}.get(name, "") + canary
    settings = read_settings({}, **{name: secret})
    assert canary not in repr(settings)
    assert canary not in str(masked(settings))
    assert {row[0]: row[1] for row in masked(settings)}[PREFIX + name.upper()] == "********"


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert "|" not in field.description, name


def webhook(**given: str) -> Settings:
    """Settings of a webhook, with what is given changed."""
    complete = {
        "telegram_mode": "webhook",
        "telegram_token": TOKEN,
        "telegram_webhook_secret": "a-webhook-secret",
        "base_url": "https://khaosat.example.vn",
    }
    return read_settings({}, **{**complete, **given})


def test_a_webhook_needs_its_secret_and_an_address_with_https() -> None:
    assert webhook().url == "https://khaosat.example.vn"
    for wrong in (
        {"telegram_webhook_secret": ""},
        {"telegram_webhook_secret": "short"},
        {"telegram_webhook_secret": "x" * 40},
        {"base_url": ""},
        {"base_url": "http://khaosat.example.vn"},
    ):
        with pytest.raises(BadSettings):
            webhook(**wrong)


def test_a_webhook_against_a_bot_api_of_our_own_may_be_plain() -> None:
    assert webhook(base_url="", telegram_base_url="http://127.0.0.1:9").telegram_mode == "webhook"


def test_without_a_token_the_mode_does_not_matter() -> None:
    assert read_settings({}, telegram_mode="webhook").telegram_mode == "webhook"


def test_a_signing_key_is_long_and_not_to_be_guessed_or_made_for_us() -> None:
    good = "0123456789abcdef" * 2
    assert read_settings({}, signing_key=good).signing_key.get_secret_value() == good
    for bad in (good[1:], "k" * 64, "changechange" * 4):
        with pytest.raises(BadSettings, match="32 characters") as refused:
            read_settings({}, signing_key=bad)
        assert bad not in str(refused.value)


def test_an_address_never_ends_with_a_slash() -> None:
    assert read_settings({}, base_url="https://khaosat.example.vn/").url == "https://khaosat.example.vn"


def test_settings_do_not_change() -> None:
    settings = read_settings({})
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1

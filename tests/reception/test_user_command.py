"""`reception user …` and the demo business's first user."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.accounts import passwords, users
from domain.accounts.sign_in import sign_in
from domain.database import Database
from domain.encryption import Keyring
from domain.environment import Environment
from domain.errors import Conflict, Invalid, NotFound
from domain.seam import SystemSeam
from domain.tables import INSTALLATION
from reception import cli, user
from reception.commands import accounts
from reception.home import Home, read_variables
from reception.prepare_database import OWNER_EMAIL, seed
from reception.settled import has_users, is_password_kept, is_seeded
from tests.factories import make_business
from tests.postgres import DatabaseAddress

ANN: dict[str, Any] = {"email": "ann@x.example", "name": "Ann", "role": "owner"}


@pytest.fixture
def environment(keyring: Keyring, tmp_path: Path) -> Environment:
    made = Environment(_env_file=None, reception_home=tmp_path)
    # A cached property: the keyring of the tests' database.
    made.__dict__["keyring"] = keyring
    return made


async def _signs_in(database: Database, password: str, email: str = ANN["email"]) -> bool:
    return await sign_in(database, email=email, password=password) is not None


async def test_a_user_is_made_with_a_password_that_is_told_once(
    environment: Environment, database: Database, database_address: DatabaseAddress
) -> None:
    business_id = await make_business(database)
    password = await user.create(environment, database_address.app, **ANN)
    begun = await sign_in(database, email=ANN["email"], password=password)
    assert begun is not None
    assert (begun.user.business_id, begun.user.role) == (business_id, "owner")
    given = await user.create(
        environment,
        database_address.app,
        email="root@x.example",
        name="Root",
        role="operator",
        password="four quiet herons",
    )
    assert given == "four quiet herons"
    begun = await sign_in(database, email="root@x.example", password=given)
    assert begun is not None and begun.user.business_id == INSTALLATION


async def test_a_new_password_takes_the_place_of_the_old(
    environment: Environment, database: Database, database_address: DatabaseAddress
) -> None:
    await make_business(database)
    old = await user.create(environment, database_address.app, **ANN)
    new = await user.set_password(environment, database_address.app, email="ANN@x.example")
    assert not await _signs_in(database, old)
    assert await _signs_in(database, new)
    with pytest.raises(NotFound):
        await user.set_password(environment, database_address.app, email="bob@x.example")
    with pytest.raises(Invalid):
        await user.set_password(
            environment, database_address.app, email=ANN["email"], password="short"
        )


async def test_which_business_has_to_be_clear(
    environment: Environment, database: Database, database_address: DatabaseAddress
) -> None:
    url = database_address.app
    with pytest.raises(Invalid) as refusal:
        await user.create(environment, url, **ANN)
    assert refusal.value.field == "business"
    one, _two = await make_business(database), await make_business(database, name="Two")
    with pytest.raises(Invalid):
        await user.create(environment, url, **ANN)
    await user.create(environment, url, **ANN, business_id=one)
    with pytest.raises(Conflict):
        await user.create(environment, url, **ANN, business_id=one)
    with pytest.raises(Invalid):
        await user.create(environment, url, **(ANN | {"role": "operator"}), business_id=one)


@pytest.mark.parametrize(
    ("arguments", "asked", "told", "given"),
    [
        (["create", "--email", "a@x.example", "--name", "A", "--role", "staff"], "", True, ""),
        (["password", "--email", "a@x.example"], "", True, ""),
        (["password", "--email", "a@x.example", "--ask"], "herons", False, "four quiet herons"),
    ],
)
def test_the_password_is_the_last_line_alone_unless_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    asked: str,
    told: bool,
    given: str,
) -> None:
    passed: dict[str, Any] = {}

    async def answer(*_: Any, **values: Any) -> str:
        passed.update(values)
        return "3f2a-91bc-07de-c4b1-5a60"

    monkeypatch.setattr(accounts, "environment", lambda: None)
    monkeypatch.setattr(accounts, "database_url", lambda _: "postgresql://none")
    monkeypatch.setattr(user, "create", answer)
    monkeypatch.setattr(user, "set_password", answer)
    typed = f"{given}\n{given}\n" if asked else ""
    result = CliRunner().invoke(cli.app, ["user", *arguments], input=typed)
    assert result.exit_code == 0, result.output
    assert passed["password"] == given and passed["email"] == "a@x.example"
    assert ("3f2a-91bc-07de-c4b1-5a60" in result.output) is told
    if told:
        assert result.output.splitlines()[-1] == "3f2a-91bc-07de-c4b1-5a60"
    else:
        assert given not in result.output


def test_passwords_that_are_made_up_differ_and_are_good_ones() -> None:
    made = {passwords.generate(SystemSeam()) for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check(password, email=OWNER_EMAIL)


async def test_the_demo_businesss_owner_can_sign_in_with_what_is_kept_in_the_home(
    environment: Environment, database: Database, database_address: DatabaseAddress
) -> None:
    url, home = database_address.app, Home(environment.home)
    assert not has_users(url)
    key = await seed(environment, home, url)
    kept = read_variables(home.owner_sign_in)
    assert stat.S_IMODE(home.owner_sign_in.stat().st_mode) == 0o600
    assert kept["EMAIL"] == OWNER_EMAIL
    assert is_seeded(url, owner_key=key) and has_users(url) and is_password_kept(url, kept)
    begun = await sign_in(database, email=OWNER_EMAIL, password=kept["PASSWORD"])
    assert begun is not None and begun.user.role == "owner"
    # Again changes nothing.
    assert await seed(environment, home, url) == key
    assert read_variables(home.owner_sign_in) == kept
    # A password that the owner chose is nowhere kept, nor set back.
    async with database.scope(business_id=begun.user.business_id) as scope:
        await users.set_password(
            scope, by="owner", user_id=begun.user.id, password="four quiet herons"
        )
    await seed(environment, home, url)
    assert not is_password_kept(url, kept)
    assert await _signs_in(database, "four quiet herons", OWNER_EMAIL)


def test_a_damaged_file_is_no_password() -> None:
    for kept in ({}, {"EMAIL": "a", "PASSWORD": "b", "USER_ID": "c", "SET_AT": "d"}):
        assert not is_password_kept("postgresql://nobody@127.0.0.1:1/none", kept)

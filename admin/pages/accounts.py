"""Accounts of staff and their roles. Whoever sees this page gives roles and sees nobody in prison; what is grave takes two."""
from starlette.responses import Response

from admin.pages.page import ANYWHERE, Pages
from admin.pages.seconds import put_forward
from admin.pages.visit import Visit
from switch.desk import accounts
from switch.desk.asking import Refused
from switch.desk.finding import establishments
from switch.desk.proving import address_of
from switch.desk.roles import GRAVE
from switch.ports.access import Scope

pages = Pages("accounts")
STAFF = Scope.STAFF
FIELDS = ("role", "establishment", "wing", "reason", "second")


@pages.get("/staff", needs=STAFF, where=ANYWHERE)
async def listed(visit: Visit) -> Response:
    found = await accounts.users(visit.desk, visit.who, visit.at)
    return visit.show("accounts/list.html", found=found, roles=await accounts.roles(visit.desk, visit.who, visit.at))


@pages.get("/staff/add", needs=STAFF, where=ANYWHERE, fresh=True)
async def add_form(visit: Visit) -> Response:
    return visit.show("accounts/add.html", user="", name="")


@pages.post("/staff/add", needs=STAFF, where=ANYWHERE, fresh=True)
async def add(visit: Visit) -> Response:
    """The password and the secret are on this one page, and nowhere again."""
    user, name = await visit.field("user"), await visit.field("name")
    made = await accounts.add_user(visit.desk, visit.who, visit.at, user, name)
    if isinstance(made, Refused):
        return visit.again("accounts/add.html", made, user=user, name=name)
    return _told(visit, made)


@pages.get("/staff/{user}", needs=STAFF, where=ANYWHERE, fresh=True)
async def account(visit: Visit) -> Response:
    return await _account(visit)


@pages.post("/staff/{user}/give", needs=STAFF, where=ANYWHERE, fresh=True)
async def give(visit: Visit) -> Response:
    """A grave role waits for the second; any other is given at once."""
    role, reason = await visit.field("role"), await visit.field("reason")
    establishment, wing = await visit.field("establishment"), await visit.field("wing")
    allowed = {one.name: one.permissions for one in await accounts.roles(visit.desk, visit.who, visit.at)}
    if allowed.get(role, frozenset()) & GRAVE:
        waits = await put_forward(visit, accounts.give_role, await visit.field("second"), user=visit.path("user"), role=role,
                                  reason=reason, establishment=establishment, wing=wing)
        if isinstance(waits, Refused):
            return await _account(visit, waits)
        return visit.to("/waiting", visit.say("It waits for the second."))
    done = await accounts.give_role(visit.desk, visit.who, visit.at, visit.path("user"), role, reason, establishment, wing)
    return await _done(visit, done, "The role was given.")


@pages.post("/staff/{user}/take", needs=STAFF, where=ANYWHERE, fresh=True)
async def take(visit: Visit) -> Response:
    done = await accounts.take_role(visit.desk, visit.who, visit.at, await visit.field("grant"), await visit.field("reason"))
    return await _done(visit, done, "The role was taken away.")


@pages.post("/staff/{user}/sign-out", needs=STAFF, where=ANYWHERE, fresh=True)
async def sign_out(visit: Visit) -> Response:
    done = await accounts.end_sessions(visit.desk, visit.who, visit.at, visit.path("user"), await visit.field("reason"))
    return await _done(visit, done, "Every browser of theirs was signed out.")


@pages.post("/staff/{user}/reset", needs=STAFF, where=ANYWHERE, fresh=True)
async def reset(visit: Visit) -> Response:
    done = await accounts.reset_user(visit.desk, visit.who, visit.at, visit.path("user"), await visit.field("reason"))
    return await _account(visit, done) if isinstance(done, Refused) else _told(visit, done)


@pages.post("/staff/{user}/end", needs=STAFF, where=ANYWHERE, fresh=True)
async def end(visit: Visit) -> Response:
    done = await accounts.end_user(visit.desk, visit.who, visit.at, visit.path("user"), await visit.field("reason"))
    if isinstance(done, Refused):
        return await _account(visit, done)
    return visit.to("/staff", visit.say("The account has ended."))


async def _done(visit: Visit, done: object, said: str) -> Response:
    if isinstance(done, Refused):
        return await _account(visit, done)
    return visit.to(f"/staff/{visit.path('user')}", visit.say(said))


async def _account(visit: Visit, wrong: Refused | None = None) -> Response:
    found = next((one for one in await accounts.users(visit.desk, visit.who, visit.at)
                  if one.user.id == visit.path("user")), None)
    if found is None:
        return visit.missing()
    roles = await accounts.roles(visit.desk, visit.who, visit.at)
    places = await establishments(visit.desk, visit.who, visit.at)
    form = {name: await visit.field(name) if wrong else "" for name in FIELDS}
    grave = {one.name for one in roles if one.permissions & GRAVE}
    return visit.show("accounts/one.html", 422 if wrong else 200, found=found, roles=roles, places=places, grave=grave, form=form,
                      problems=wrong.problems if wrong else ())


def _told(visit: Visit, made: accounts.NewProofs) -> Response:
    return visit.show("accounts/told.html", made=made, address=address_of(made.user.id, made.totp_secret))

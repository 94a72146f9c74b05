"""Digest: both algorithms, clients without qop, replays, old nonces, and that nobody learns which users exist."""
import re
from dataclasses import replace

import pytest

from switch.sip.access import AccessNetwork
from switch.sip.config import EndpointConfig
from switch.sip.digest import Checked, ClientCredentials, Credentials, DigestGuard, Verdict, answer, hashed, is_stale
from switch.sip.endpoint import Endpoint
from switch.sip.events import AuthFailed, InviteReceived, Registered
from switch.sip.message import Response, parse
from tests.unit.sip.kit import CARRIER, CELLS, KEY, USERS, authorized, give, ids, raw, switch

URI = "sip:07700900123@10.0.0.1"
SHA = replace(CELLS, algorithm="SHA-256")
OLD = replace(CELLS, allow_no_qop=True)


def guard(**wishes: float) -> DigestGuard:
    return DigestGuard(KEY, USERS.get, **wishes)  # type: ignore[arg-type]  # the numbers fit either kind


def nonce_of(challenge: str) -> str:
    found = re.search(r'nonce="([^"]+)"', challenge)
    assert found
    return found[1]


def header(challenge: str, network: AccessNetwork, *, user: str = "cell-1", password: str = "open-sesame",
           nc: str = "00000001",
           qop: bool = True, uri: str = URI, method: str = "INVITE", realm: str = "cells.test",
           algorithm: str | None = None) -> str:
    """Credentials worked out by hand."""
    name, nonce = algorithm or network.algorithm, nonce_of(challenge)
    ha1, ha2 = hashed(network.algorithm, f"{user}:{realm}:{password}"), hashed(network.algorithm, f"{method}:{uri}")
    middle = f"{nonce}:{nc}:c:auth" if qop else nonce
    tail = f", qop=auth, nc={nc}, cnonce=\"c\"" if qop else ""
    return (f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm={name}, '
            f'response="{hashed(network.algorithm, f"{ha1}:{middle}:{ha2}")}"{tail}')


def check(g: DigestGuard, value: str, network: AccessNetwork = CELLS, now: float = 100.0, source: str = "10.0.1.7",
          uri: str = URI) -> Checked:
    return g.check(value, "INVITE", uri, network, source, now)


@pytest.mark.parametrize("network", [CELLS, SHA])
def test_one_algorithm_is_offered_and_accepted(network: AccessNetwork) -> None:
    g = guard()
    challenge = g.challenge(network, "10.0.1.7", 100.0, False)
    assert challenge.count("algorithm=") == 1
    assert f"algorithm={network.algorithm}, qop=\"auth\"" in challenge
    assert check(g, header(challenge, network), network) == Checked(Verdict.ACCEPTED, "cell-1")


def test_the_example_of_rfc_7616() -> None:
    """Section 3.9.1, both algorithms."""
    ha2 = "GET:/dir/index.html"
    middle = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth"
    found = {name: hashed(name,
                          f"{hashed(name, 'Mufasa:http-auth@example.org:Circle of Life')}:{middle}:{hashed(name, ha2)}")
             for name in ("MD5", "SHA-256")}
    assert found == {"MD5": "8ca523f5e9506fed4657c9700eebdbec",
                     "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"}


def test_precomputed_hashes_serve_instead_of_a_password() -> None:
    known = Credentials(ha1={"MD5": hashed("MD5", "cell-1:cells.test:open-sesame")})
    g = DigestGuard(KEY, {"cell-1": known}.get)
    assert check(g, header(g.challenge(CELLS, "10.0.1.7", 100.0, False), CELLS)).verdict is Verdict.ACCEPTED
    g = DigestGuard(KEY, {"cell-1": known}.get)
    assert check(g, header(g.challenge(SHA, "10.0.1.7", 100.0, False), SHA), SHA).verdict is Verdict.WRONG


def test_a_count_must_grow() -> None:
    g = guard()
    challenge = g.challenge(CELLS, "10.0.1.7", 100.0, False)
    verdicts = [check(g, header(challenge, CELLS, nc=nc)).verdict.name for nc in ("00000001", "00000001", "00000005",
                                                                                  "00000004", "00000006")]
    assert verdicts == ["ACCEPTED", "STALE", "ACCEPTED", "STALE", "ACCEPTED"]


def test_a_nonce_lives_for_its_lifetime_only() -> None:
    g = guard(lifetime=60.0)
    challenge = g.challenge(CELLS, "10.0.1.7", 100.0, False)
    assert check(g, header(challenge, CELLS), now=159.9).verdict is Verdict.ACCEPTED
    assert check(g, header(challenge, CELLS, nc="00000002"), now=160.1).verdict is Verdict.STALE
    assert check(g, header(challenge, CELLS, nc="00000003"),
                 now=99.0).verdict is Verdict.STALE  # from the future: another clock
    assert "stale=true" in g.challenge(CELLS, "10.0.1.7", 100.0, True)


@pytest.mark.parametrize("changed", ["source", "network", "nonce"])
def test_a_nonce_is_bound_to_where_it_was_issued(changed: str) -> None:
    g = guard()
    challenge = g.challenge(replace(CELLS, name="other") if changed == "network" else CELLS, "10.0.1.7", 100.0, False)
    if changed == "nonce":
        challenge = challenge.replace('nonce="1', 'nonce="2')
    assert check(g, header(challenge, CELLS),
                 source="10.0.1.8" if changed == "source" else "10.0.1.7").verdict is Verdict.STALE


def test_clients_without_qop_only_where_the_network_lets_them_and_once() -> None:
    g = guard()
    challenge = g.challenge(OLD, "10.0.1.7", 100.0, False)
    assert check(g, header(challenge, CELLS, qop=False)).verdict is Verdict.WRONG
    assert check(g, header(challenge, OLD, qop=False), OLD).verdict is Verdict.ACCEPTED
    assert check(g, header(challenge, OLD, qop=False), OLD).verdict is Verdict.STALE
    late = g.challenge(OLD, "10.0.1.7", 100.0, False)
    assert check(g, header(late, OLD, qop=False), OLD, now=131.0).verdict is Verdict.STALE


@pytest.mark.parametrize("wrong", [
    {"password": "guess"}, {"user": "nobody"}, {"nc": "1"}, {"nc": "zzzzzzzz"}, {"algorithm": "SHA-256"},
    {"uri": "sip:999@10.0.0.1"},
])
def test_wrong_in_one_thing(wrong: dict[str, str]) -> None:
    g = guard()
    found = check(g, header(g.challenge(CELLS, "10.0.1.7", 100.0, False), CELLS,
                            **wrong))  # type: ignore[arg-type]  # all are strings
    assert found.verdict is Verdict.WRONG


def test_auth_int_is_not_ours() -> None:
    g = guard()
    value = header(g.challenge(CELLS, "10.0.1.7", 100.0, False), CELLS).replace("qop=auth", "qop=auth-int")
    assert check(g, value).verdict is Verdict.WRONG


@pytest.mark.parametrize("value", ["Basic abc", "Digest", 'Digest realm="elsewhere", username="cell-1"', ""])
def test_credentials_for_somebody_else_are_none(value: str) -> None:
    assert check(guard(), value).verdict is Verdict.ABSENT


def test_a_client_may_sign_the_servers_uri() -> None:
    g = guard()
    value = header(g.challenge(CELLS, "10.0.1.7", 100.0, False), CELLS, uri="sip:10.0.0.1:5060")
    assert check(g, value).verdict is Verdict.ACCEPTED


def test_memory_is_bounded_and_a_forgotten_nonce_counts_as_used() -> None:
    g = guard(remembered=3)
    challenges = [g.challenge(CELLS, "10.0.1.7", 100.0 + n, False) for n in range(5)]
    for n, challenge in enumerate(challenges):
        assert check(g, header(challenge, CELLS), now=100.0 + n).verdict is Verdict.ACCEPTED
    assert len(g) == 3
    assert check(g, header(challenges[0], CELLS), now=105.0).verdict is Verdict.STALE
    late = g.challenge(CELLS, "10.0.1.7", 900.0, False)
    assert check(g, header(late, CELLS), now=900.0).verdict is Verdict.ACCEPTED
    assert len(g) == 1


def test_a_guard_without_memory_takes_each_nonce_once() -> None:
    g = guard(remembered=0)
    challenge = g.challenge(CELLS, "10.0.1.7", 100.0, False)
    assert check(g, header(challenge, CELLS)).verdict is Verdict.ACCEPTED
    assert check(g, header(challenge, CELLS, nc="00000002")).verdict is Verdict.STALE
    later = g.challenge(CELLS, "10.0.1.7", 101.0, False)
    assert check(g, header(later, CELLS), now=101.0).verdict is Verdict.ACCEPTED


def shape(response: Response) -> list[str]:
    """An answer with what must differ between any two answers taken out."""
    text = re.sub(r'nonce="[^"]+"', "nonce", f"{response.status} {response.reason}\n")
    lines = [f"{name}: {value}" for name, values in response.headers.items() for value in values]
    return [text, *(re.sub(r'nonce="[^"]+"|branch=\w+|tag=\w+|<[^>]*>|CSeq: \d+', "*", line) for line in lines)]


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_nobody_learns_which_users_exist(method: str) -> None:
    endpoint = switch()
    answers = []
    for user, password in [("cell-1", "guess"), ("nobody", "guess"), ("cell-1", "guess")]:
        who = f"<sip:{user}@10.0.0.1>"
        first = give(endpoint, raw(method, from_=f"{who};tag=f", to=who))
        got = answer(ClientCredentials(user, password), first[0], method, "sip:07700900123@10.0.0.1", "c")
        assert got
        second = give(endpoint, raw(method, "sip:07700900123@10.0.0.1", f"{got[0]}: {got[1]}", from_=f"{who};tag=f",
                                    to=who, cseq=2))
        assert [r.status for r in first + second] == [401, 401]
        answers.append(shape(first[0]) + shape(second[0]))
    assert answers[0] == answers[1] == answers[2]
    assert [(e.user, e.count) for e in endpoint.take_events() if isinstance(e, AuthFailed)] == [("cell-1", 1),
                                                                                                ("nobody",
                                                                                                 1), ("cell-1", 2)]


def test_success_ends_the_row_of_failures() -> None:
    endpoint = switch()
    authorized(endpoint, user=ClientCredentials("cell-1", "guess"), cseq=1, call_id="a")
    authorized(endpoint, cseq=3, call_id="b")
    authorized(endpoint, user=ClientCredentials("cell-1", "guess"), cseq=5, call_id="c")
    assert [e.count for e in endpoint.take_events() if isinstance(e, AuthFailed)] == [1, 1]


def test_a_stale_nonce_is_asked_for_again_and_the_client_answers() -> None:
    config = EndpointConfig(networks=(SHA,), trunks=(CARRIER,), nonce_key=KEY, nonce_lifetime=10.0)
    endpoint = Endpoint(config, ids("s"), USERS.get)
    challenge = give(endpoint, raw())[0]
    got = answer(ClientCredentials("cell-1", "open-sesame"), challenge, "INVITE", URI, "c")
    assert got
    again = give(endpoint, raw("INVITE", URI, f"{got[0]}: {got[1]}", cseq=2), now=120.0)[0]
    assert not is_stale(challenge)
    assert is_stale(again)
    got = answer(ClientCredentials("cell-1", "open-sesame"), again, "INVITE", URI, "c")
    assert got
    assert give(endpoint, raw("INVITE", URI, f"{got[0]}: {got[1]}", cseq=3, branch="z9hG4bK3"),
                now=120.0)[0].status == 100
    assert [type(e) for e in endpoint.take_events()] == [InviteReceived]


def test_a_replayed_register_is_not_carried_out() -> None:
    endpoint = switch()
    aor = "<sip:cell-1@10.0.0.1>"
    first = give(endpoint, raw("REGISTER", to=aor))[0]
    got = answer(ClientCredentials("cell-1", "open-sesame"), first, "REGISTER", URI, "c")
    assert got
    line = f"{got[0]}: {got[1]}"
    assert give(endpoint, raw("REGISTER", URI, line, to=aor, cseq=2))[0].status == 200
    replay = raw("REGISTER", URI, line, to=aor, cseq=3, branch="z9hG4bKreplay").replace(b"<sip:cell-1@10.0.1.7:5060>",
                                                                                        b"<sip:evil@10.0.1.7:6666>")
    assert give(endpoint, replay)[0].status == 401
    assert [type(e) for e in endpoint.take_events()] == [Registered]


def test_nonces_of_an_earlier_run_are_dead() -> None:
    tokens = iter(["first", "a", "b", "second", "c", "d"])
    config = EndpointConfig(networks=(CELLS,), nonce_key=KEY)
    before, after = (Endpoint(config, lambda: next(tokens), USERS.get) for _ in range(2))
    challenge = give(before, raw())[0]
    got = answer(ClientCredentials("cell-1", "open-sesame"), challenge, "INVITE", URI, "c")
    assert got
    assert is_stale(give(after, raw("INVITE", URI, f"{got[0]}: {got[1]}", cseq=2))[0])


@pytest.mark.parametrize("line",
                         ["WWW-Authenticate: Basic realm=x", "X: y",
                          'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-512'])
def test_a_client_answers_only_what_it_can(line: str) -> None:
    response = parse(f"SIP/2.0 401 No\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
                     f"Call-ID: c\r\nCSeq: 1 INVITE\r\n{line}\r\n\r\n".encode())
    assert isinstance(response, Response)
    assert answer(ClientCredentials("u", "p"), response, "INVITE", URI, "c") is None


def test_networks_are_checked_when_they_are_made() -> None:
    with pytest.raises(ValueError, match="SHA-1"):
        AccessNetwork("x", ("10.0.0.0/8",), algorithm="SHA-1")
    with pytest.raises(ValueError, match="nonce_key"):
        EndpointConfig(networks=(CELLS,), nonce_key=b"short")

"""The four machines of RFC 3261 section 17 with RFC 6026: each timer has a test that names it."""
import pytest

from switch.sip.transaction import Client, InviteClient, InviteServer, Said, Server, State, Step, Timers

T = Timers()


def invite_client(reliable: bool = False) -> InviteClient:
    return InviteClient(b"INVITE", T, reliable, 0.0)


def fire(machine: InviteClient | InviteServer | Client | Server) -> tuple[str, float, Step]:
    """Let the earliest timer fire at its time."""
    name = min(machine.timers, key=machine.timers.__getitem__)
    at = machine.timers.pop(name)
    return name, at, machine.fired(name, at)


def resent(machine: InviteClient | InviteServer | Client | Server, name: str, times: int) -> list[float]:
    found = []
    while len(found) < times:
        fired, at, step = fire(machine)
        assert fired == name
        assert step.send is not None
        found.append(at)
    return found


def test_timer_A_resends_the_invite_at_doubling_intervals() -> None:
    assert resent(invite_client(), "A", 6) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert "A" not in invite_client(reliable=True).timers


def test_timer_B_gives_up_on_silence_after_64_t1() -> None:
    machine = invite_client(reliable=True)
    assert fire(machine) == ("B", 32.0, Step(said=Said.TIMEOUT))
    assert machine.state is State.TERMINATED


def test_timer_C_tells_of_endless_ringing_and_counts_anew_with_each_provisional() -> None:
    machine = invite_client()
    assert machine.receive(100, lambda: b"ACK", 1.0).said is Said.RESPONSE
    assert machine.timers == {"C": 186.0}
    machine.receive(100, lambda: b"ACK", 2.0)
    assert machine.timers == {"C": 186.0}  # 100 does not count (RFC 3261 16.7, step 2)
    machine.receive(180, lambda: b"ACK", 10.0)
    assert fire(machine) == ("C", 195.0, Step(said=Said.OVERDUE))
    assert machine.state is State.PROCEEDING


def test_timer_D_absorbs_repeated_refusals_and_acknowledges_each() -> None:
    machine = invite_client()
    assert machine.receive(486, lambda: b"ACK", 3.0) == Step(b"ACK", Said.RESPONSE)
    assert machine.receive(486, lambda: b"other", 4.0) == Step(b"ACK")
    assert machine.receive(180, lambda: b"other", 4.0) == Step()
    assert fire(machine) == ("D", 35.0, Step())
    assert machine.state is State.TERMINATED
    reliable = invite_client(reliable=True)
    reliable.receive(486, lambda: b"ACK", 3.0)
    assert reliable.state is State.TERMINATED
    assert not reliable.timers


def test_timer_E_resends_up_to_t2_and_at_t2_once_proceeding() -> None:
    machine = Client(b"BYE", T, False, 0.0)
    assert resent(machine, "E", 5) == [0.5, 1.5, 3.5, 7.5, 11.5]
    machine = Client(b"BYE", T, False, 0.0)
    machine.receive(100, lambda: b"", 0.1)
    assert resent(machine, "E", 3) == [0.5, 4.5, 8.5]
    assert "E" not in Client(b"BYE", T, True, 0.0).timers


def test_timer_F_gives_up_after_64_t1() -> None:
    machine = Client(b"BYE", T, True, 0.0)
    assert fire(machine) == ("F", 32.0, Step(said=Said.TIMEOUT))
    assert machine.state is State.TERMINATED


def test_timer_G_resends_a_refusal_up_to_t2() -> None:
    machine = InviteServer(T, False)
    machine.respond(486, b"486", 0.0)
    assert resent(machine, "G", 5) == [0.5, 1.5, 3.5, 7.5, 11.5]
    reliable = InviteServer(T, True)
    reliable.respond(486, b"486", 0.0)
    assert "G" not in reliable.timers


def test_timer_H_gives_up_on_the_ack() -> None:
    machine = InviteServer(T, True)
    machine.respond(486, b"486", 1.0)
    assert fire(machine) == ("H", 33.0, Step(said=Said.TIMEOUT))
    assert machine.state is State.TERMINATED


def test_timer_I_absorbs_repeated_acks() -> None:
    machine = InviteServer(T, False)
    machine.respond(486, b"486", 0.0)
    assert machine.receive("ACK", 1.0) == Step()
    assert machine.state is State.CONFIRMED
    assert machine.receive("ACK", 1.1) == machine.receive("INVITE", 1.2) == Step()
    assert fire(machine) == ("I", 6.0, Step())
    assert machine.state is State.TERMINATED
    reliable = InviteServer(T, True)
    reliable.respond(486, b"486", 0.0)
    reliable.receive("ACK", 1.0)
    assert reliable.state is State.TERMINATED


def test_timer_J_absorbs_repeated_requests_with_the_same_answer() -> None:
    machine = Server(T, False)
    assert machine.receive("BYE", 0.0) == Step()
    assert machine.respond(100, b"100", 0.1) == Step(b"100")
    assert machine.receive("BYE", 0.2) == Step(b"100")
    assert machine.respond(200, b"200", 1.0) == Step(b"200")
    assert machine.respond(500, b"500", 1.0) == Step()
    assert machine.receive("BYE", 2.0) == Step(b"200")
    assert fire(machine) == ("J", 33.0, Step())
    assert machine.state is State.TERMINATED
    reliable = Server(T, True)
    reliable.respond(200, b"200", 1.0)
    assert reliable.state is State.TERMINATED


def test_timer_K_absorbs_repeated_answers() -> None:
    machine = Client(b"BYE", T, False, 0.0)
    assert machine.receive(200, lambda: b"", 1.0).said is Said.RESPONSE
    assert machine.receive(200, lambda: b"", 1.1).said is Said.NOTHING
    assert fire(machine) == ("K", 6.0, Step())
    assert machine.state is State.TERMINATED
    reliable = Client(b"BYE", T, True, 0.0)
    reliable.receive(200, lambda: b"", 1.0)
    assert reliable.state is State.TERMINATED


def test_timer_L_keeps_the_server_while_a_2xx_is_repeated() -> None:
    machine = InviteServer(T, False)
    assert machine.receive("INVITE", 0.0) == Step()
    assert machine.respond(180, b"180", 0.1) == Step(b"180")
    assert machine.receive("INVITE", 0.2) == Step(b"180")
    assert machine.respond(200, b"200", 1.0) == Step(b"200")
    assert machine.receive("INVITE", 1.1) == Step()  # the dialog repeats the 2xx, not the transaction (RFC 6026 7.1)
    assert machine.respond(200, b"200", 1.5) == Step(b"200")
    assert machine.respond(486, b"486", 1.6) == Step()
    assert machine.receive("ACK", 1.7) == Step()
    assert fire(machine) == ("L", 33.0, Step())
    assert machine.state is State.TERMINATED


def test_timer_M_lets_repeated_and_forked_2xx_through() -> None:
    machine = invite_client()
    assert machine.receive(200, lambda: b"", 1.0).said is Said.RESPONSE
    assert machine.receive(200, lambda: b"", 2.0).said is Said.RESPONSE
    assert machine.receive(486, lambda: b"", 2.0) == Step()
    assert fire(machine) == ("M", 33.0, Step())
    assert machine.state is State.TERMINATED


@pytest.mark.parametrize("machine", [invite_client(), Client(b"BYE", T, False, 0.0)])
def test_a_machine_that_ended_says_nothing(machine: InviteClient | Client) -> None:
    machine.state = State.TERMINATED
    assert machine.receive(200, lambda: b"ACK", 1.0) == Step()

"""Every subject that has pages. A module of pages that is not here is not served."""
from admin.pages import accounts, board, bulletins, control, entry, home, listening, people, seconds
from admin.pages.page import Pages

SUBJECTS: tuple[Pages, ...] = (
    board.pages,
    bulletins.pages,
    control.pages,
    entry.pages,
    home.pages,
    listening.pages,
    people.pages,
    seconds.pages,
    accounts.pages,
)

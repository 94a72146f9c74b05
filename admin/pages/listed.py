"""Every subject that has pages. A module of pages that is not here is not served."""
from admin.pages import board, entry, home, listening, people
from admin.pages.page import Pages

SUBJECTS: tuple[Pages, ...] = (
    board.pages,
    entry.pages,
    home.pages,
    listening.pages,
    people.pages,
)

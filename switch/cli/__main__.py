"""`python -m switch.cli`: the `wingline` command."""
from switch.cli import main

if __name__ == "__main__":
    main()

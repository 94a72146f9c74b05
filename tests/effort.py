"""How hard random tests try: as their author thought for every run, fifty times that under `make fuzz`."""
import os

FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"


def examples(usual: int) -> int:
    return usual * 50 if FUZZ else usual

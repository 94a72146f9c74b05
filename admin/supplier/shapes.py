"""Bodies of the supplier API, field by field as the interface has them."""
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Text = Annotated[str, Field(max_length=1000)]


class Body(BaseModel):
    """Types are taken as they are, and nothing that the interface does not know."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TokenRequest(Body):
    clientId: Text
    clientSecret: Text


class PersonRequest(Body):
    reference: Text
    prisonerId: Text


class CreditRequest(PersonRequest):
    amountPence: Int32
    creditLimit: Int32 | None = None


class AccountRequest(PersonRequest):
    prisonCode: Text
    firstName: Text
    middleName: Text | None = None
    lastName: Text
    statusActive: bool


class NumberRequest(PersonRequest):
    name: Text
    number: Text
    relationshipId: Int32
    controlStatus: bool = True
    alert: bool = False
    legal: bool = False
    override: bool = False
    allowMonitor: bool = True
    callAllowed: bool = True


class NothingRequest(Body):
    pass

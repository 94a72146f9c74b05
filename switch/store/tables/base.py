"""The one metadata that every table is in, and how its constraints are named."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Integer, MetaData

Counter = Big().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only in a column that is INTEGER, which is as big there."""
metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s",
})

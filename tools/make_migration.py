"""Write migration 0001 from tables.py: `.venv/bin/python -m tools.make_migration`.

Until the first release there is one migration, re-written whenever a table changes; afterwards it is never touched.
One function per table, so that the file reads like tables.py.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from sqlalchemy import False_, Table, True_
from sqlalchemy.types import TypeDecorator

from middleware.storage.tables import metadata
from middleware.storage.types import Id

TARGET = Path(__file__).resolve().parents[1] / "middleware/storage/migrations/versions/v0001.py"

HEADER = '''"""The first tables; written by tools/make_migration.py from tables.py."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
'''


def source() -> str:
    """The text of the migration before formatting."""
    tables = metadata.sorted_tables
    calls = "".join(f"    create_{table.name}()\n" for table in tables)
    drops = "".join(f'    op.drop_table("{table.name}")\n' for table in reversed(tables))
    return (
        HEADER
        + f'\n\ndef upgrade() -> None:\n    """Make every table."""\n{calls}'
        + f'\n\ndef downgrade() -> None:\n    """Drop every table."""\n{drops}'
        + "".join(map(_create, tables))
    )


def _create(table: Table) -> str:
    steps: list[Any] = [ops.CreateTableOp.from_table(table)]
    steps += [ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda one: str(one.name))]
    lines = render_python_code(ops.UpgradeOps(steps), render_item=_render)
    body = "\n".join(line for line in lines.splitlines() if not line.strip().startswith("#"))
    return f"\n\ndef create_{table.name}() -> None:\n    {body.strip()}\n"


def _render(kind: str, item: Any, _context: Any) -> Any:
    if kind == "type" and item is Id:
        return "ID"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{type(item.impl_instance).__name__}()"
    if kind == "server_default" and isinstance(getattr(item, "arg", None), False_ | True_):
        return f"sa.{item.arg}()"  # each database spells them its own way
    return False


def main() -> None:
    """Write the file, formatted."""
    TARGET.write_text(source(), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([str(ruff), "format", "--quiet", str(TARGET)], check=True)


if __name__ == "__main__":
    main()

"""When an account was made, of which platforms say things that cannot be."""

from __future__ import annotations

from graphsocial.ingest.json_fields import EARLIEST_POST, LATEST_POST
from graphsocial.ingest.platforms.record_events import RecordEvents


def account_created(moment: int | None, out: RecordEvents) -> int | None:
    """The time at which an account was made; one outside 1990 to 2100 is left out and counted.

    Platforms date accounts whose beginning they have lost to 1970 or so, and that is no reason to give up the post.

    Args:
        moment: The stated time, int64 seconds UTC.
        out: Takes the count.

    >>> out = RecordEvents()
    >>> account_created(0, out), account_created(1646136000, out), account_created(None, out)
    (None, 1646136000, None)
    >>> out.events
    [Skipped(what='dates outside 1990 to 2100 at which accounts were made')]
    """
    if moment is None or EARLIEST_POST <= moment < LATEST_POST:
        return moment
    out.skip("dates outside 1990 to 2100 at which accounts were made")
    return None

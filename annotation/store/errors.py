"""The errors of the store; each message is one sentence that a person can act on."""


class StoreError(Exception):
    """The store could not do something; everything saved before is intact."""


class LostFileError(StoreError):
    """A clean-up removed a file after it was stored and before its row was added; storing it again helps."""

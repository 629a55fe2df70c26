"""What can go wrong with the store, each as one sentence a person can act on."""


class StoreError(Exception):
    """The store could not do what was asked; what was saved before is intact."""


class LostFileError(StoreError):
    """A clean-up removed a file after it was stored and before its row was added; storing it again helps."""
